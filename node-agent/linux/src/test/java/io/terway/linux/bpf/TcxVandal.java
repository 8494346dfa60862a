package io.terway.linux.bpf;

import io.terway.linux.ffm.KernelRefusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Takes programs off links, as somebody with bpftool may. Only those that this process has attached. */
public final class TcxVandal {

    private static final int LINK_DETACH = 34;

    private TcxVandal() {}

    /** How many there were. */
    public static int detachAll() {
        List<Integer> links;
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fdinfo"))) {
            links = files.filter(TcxVandal::isAttached)
                    .map(file -> Integer.valueOf(file.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        links.forEach(TcxVandal::detach);
        return links.size();
    }

    private static boolean isAttached(Path fdinfo) {
        try {
            String text = new String(Files.readAllBytes(fdinfo));
            return text.contains("link_type:\ttcx") && !text.contains("ifindex:\t0");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static void detach(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            Bpf.in(arena).u32(0, fd).call(LINK_DETACH).orThrow("detach");
        } catch (KernelRefusal e) {
            throw new AssertionError(e);
        }
    }
}
