package io.terway.linux.bpf;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A loaded program of the traffic control kind. Lives as long as this descriptor or an attachment of it. */
public final class Program implements AutoCloseable {

    private static final int SCHED_CLS = 3;
    private static final int LOG_BYTES = 64 * 1024;

    private final int fd;

    private Program(int fd) {
        this.fd = fd;
    }

    /**
     * Loads a program.
     *
     * @throws KernelRefusal EPERM without CAP_BPF and CAP_NET_ADMIN; EACCES or EINVAL with the verifier's last words
     */
    public static Program load(String name, Assembly assembly) {
        byte[] code = assembly.bytes();
        try (Arena arena = Arena.ofConfined()) {
            Syscall loaded = attribute(arena, name, code).call(Bpf.PROG_LOAD);
            if (loaded instanceof Syscall.Failed(Errno errno)) {
                throw new KernelRefusal("load bpf program " + name, errno, verdict(arena, name, code));
            }
            return new Program((int) loaded.orThrow("load bpf program " + name));
        }
    }

    private static Bpf attribute(Arena arena, String name, byte[] code) {
        return Bpf.in(arena)
                .u32(0, SCHED_CLS)
                .u32(4, code.length / Assembly.INSTRUCTION)
                .bytes(8, code)
                .pointer(16, arena.allocateFrom("GPL"))
                .name(48, name);
    }

    /** Loads again with a log, whose cost the good case is spared. */
    private static String verdict(Arena arena, String name, byte[] code) {
        MemorySegment log = arena.allocate(LOG_BYTES);
        attribute(arena, name, code)
                .u32(24, 1)
                .u32(28, LOG_BYTES)
                .pointer(32, log)
                .call(Bpf.PROG_LOAD);
        String text = log.getString(0).strip();
        return text.length() <= 600 ? text : text.substring(text.length() - 600);
    }

    /** For requests that attach it. */
    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
