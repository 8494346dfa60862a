package io.terway.linux.netns;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Network namespaces with a name in the file system, as {@code ip netns add} makes them: a file with the namespace
 * bind-mounted on it. Needs CAP_SYS_ADMIN in the mount namespace.
 */
public final class NamedNetns {

    /** Where iproute2 and container runtimes keep them. */
    public static final Path DIRECTORY = Path.of("/run/netns");

    private NamedNetns() {}

    /** The path of a name; nothing is made. */
    public static Path path(String name) {
        return DIRECTORY.resolve(name);
    }

    /**
     * Makes a namespace and binds it to {@code path}; its directory is made and marked shared, so that the mount and
     * its removal are seen by every mount namespace.
     *
     * @return {@code path}
     * @throws UncheckedIOException when the file exists
     */
    public static Path create(Path path) {
        prepare(path.getParent());
        return NetnsThread.callInNew(() -> bindCurrent(path));
    }

    /** Binds the calling thread's namespace to {@code path}, a file that must not exist. */
    public static Path bindCurrent(Path path) {
        try {
            Files.createFile(path);
        } catch (IOException e) {
            throw new UncheckedIOException("make " + path + " for a network namespace", e);
        }
        Syscall bound = Libc.mount("/proc/thread-self/ns/net", path.toString(), "none", Libc.MS_BIND);
        if (bound instanceof Syscall.Failed) {
            delete(path);
        }
        bound.orThrow("bind the network namespace to " + path);
        return path;
    }

    /** Unbinds and deletes; the namespace itself dies with its last process, socket or descriptor. Idempotent. */
    public static void remove(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        // EINVAL: a plain file, left by a crash between create and bind.
        if (Libc.unmount(path.toString(), Libc.MNT_DETACH) instanceof Syscall.Failed failed
                && !failed.errno().equals(Errno.EINVAL)) {
            failed.orThrow("unbind network namespace " + path);
        }
        delete(path);
    }

    private static void prepare(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("make " + directory + " for network namespaces", e);
        }
        String at = directory.toString();
        if (Libc.mount("", at, "none", Libc.MS_SHARED | Libc.MS_REC) instanceof Syscall.Failed) {
            // Not a mount point yet.
            Libc.mount(at, at, "none", Libc.MS_BIND | Libc.MS_REC).orThrow("bind " + at + " to itself");
            Libc.mount("", at, "none", Libc.MS_SHARED | Libc.MS_REC).orThrow("share mounts below " + at);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException("delete " + path, e);
        }
    }
}
