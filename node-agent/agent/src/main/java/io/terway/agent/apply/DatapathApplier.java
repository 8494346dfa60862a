package io.terway.agent.apply;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.PodAttachment;
import java.nio.file.Path;
import java.util.List;

/** Connects pods to the VPC in the kernel. All methods may be called from any thread, concurrently for different pods. */
public final class DatapathApplier implements AutoCloseable {

    private DatapathApplier() {}

    /** Links the foreign functions (about 150 ms) and opens the host's sockets. Call once, at start. */
    public static DatapathApplier open() {
        return new DatapathApplier();
    }

    /** Connects the sandbox, or repairs its connection. Idempotent. */
    public AddResult add(PodAttachment pod) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Compares everything with what {@link #add} makes; changes nothing. */
    public CheckResult check(PodAttachment pod) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Cuts the sandbox off. Idempotent; {@code netnsOrNull} is unused when the namespace is gone. */
    public DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Brings the ENI's link and route table up. Idempotent. */
    public EniResult ensureEni(EniAttachment eni) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void close() {}
}
