package io.terway.agent.apply;

import io.terway.linux.netns.NetnsFd;
import io.terway.linux.netns.NetnsThread;
import java.nio.file.Path;
import java.util.function.Function;

/** The node's network namespace, and threads that work there. */
final class HostNamespace implements AutoCloseable {

    private final NetnsFd fd;
    private final TrunkTags tags = new TrunkTags();

    HostNamespace(Path netns) {
        fd = NetnsFd.open(netns);
    }

    /** Runs {@code task} on a fresh platform thread with a session of its own: nothing is shared across pods. */
    <T> T call(String name, Function<KernelSession, T> task) {
        return NetnsThread.onFreshThread(name, () -> {
            try (KernelSession session = KernelSession.open(fd, tags)) {
                return task.apply(session);
            }
        });
    }

    @Override
    public void close() {
        tags.close();
        fd.close();
    }
}
