package io.terway.linux.netns;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import java.nio.file.Path;

/**
 * An open descriptor of a network namespace; keeps the namespace alive until closed.
 *
 * @param name where it was opened, for messages
 */
public record NetnsFd(int number, String name) implements AutoCloseable {

    /** @throws KernelRefusal when {@code netns} cannot be opened; ENOENT when it is gone */
    public static NetnsFd open(Path netns) {
        int fd = (int)
                Libc.open(netns.toString(), Libc.O_RDONLY | Libc.O_CLOEXEC).orThrow("open network namespace " + netns);
        return new NetnsFd(fd, netns.toString());
    }

    /** The calling thread's own namespace. */
    public static NetnsFd current() {
        return open(Path.of("/proc/thread-self/ns/net"));
    }

    /**
     * Moves the calling OS thread there: only on a thread that dies with its task, see {@link NetnsThread}.
     *
     * @throws KernelRefusal EINVAL when the file is no network namespace
     */
    public void enter() {
        Libc.setns(number, Libc.CLONE_NEWNET).orThrow("enter network namespace " + name);
    }

    @Override
    public void close() {
        Libc.close(number);
    }
}
