package io.terway.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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

    /** struct bpf_link_info. */
    private static final int INFO_BYTES = 64;

    private static final int INFO_IFINDEX = 16;

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

    /** False once the link is gone, or somebody has taken the program off it. */
    public boolean isAttached() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(INFO_BYTES, 8);
            Syscall told =
                    Bpf.in(arena).u32(0, fd).u32(4, INFO_BYTES).pointer(8, info).call(Bpf.OBJ_GET_INFO_BY_FD);
            return told instanceof Syscall.Ok && info.get(JAVA_INT, INFO_IFINDEX) != 0;
        }
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
