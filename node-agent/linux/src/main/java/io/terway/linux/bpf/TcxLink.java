package io.terway.linux.bpf;

import io.terway.linux.ffm.Libc;
import java.lang.foreign.Arena;

/** A program at a link's tcx hook, until this is closed, the process dies or the link goes. */
public final class TcxLink implements AutoCloseable {

    /** Which packets of the link. */
    public enum Hook {
        INGRESS(46),
        EGRESS(47);

        private final int attachType;

        Hook(int attachType) {
            this.attachType = attachType;
        }
    }

    private final int fd;

    private TcxLink(int fd) {
        this.fd = fd;
    }

    /**
     * Attaches behind programs that are there already. The link is one of the calling thread's network namespace.
     *
     * @throws io.terway.linux.ffm.KernelRefusal EINVAL where the kernel has no tcx (before 6.6)
     */
    public static TcxLink attach(Program program, int ifindex, Hook hook) {
        try (Arena arena = Arena.ofConfined()) {
            return new TcxLink((int) Bpf.in(arena)
                    .u32(0, program.fd())
                    .u32(4, ifindex)
                    .u32(8, hook.attachType)
                    .call(Bpf.LINK_CREATE)
                    .orThrow("attach a bpf program to link " + ifindex));
        }
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
