package io.terway.linux.netns;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import java.nio.file.Path;

/** An open descriptor of a network namespace; keeps the namespace alive until closed. */
public record NetnsFd(int number) implements AutoCloseable {

    /** @throws KernelRefusal when {@code netns} cannot be opened; ENOENT when it is gone */
    public static NetnsFd open(Path netns) {
        return new NetnsFd((int)
                Libc.open(netns.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC).orThrow("open network namespace " + netns));
    }

    /** The calling thread's own namespace. */
    public static NetnsFd current() {
        return open(Path.of("/proc/thread-self/ns/net"));
    }

    @Override
    public void close() {
        Libc.close(number);
    }
}
