package io.terway.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;

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

    /** Where the descriptor of the module stands whose functions a program calls; place 0 is the kernel's. */
    static final int MODULE = 1;

    private final int fd;

    private Program(int fd) {
        this.fd = fd;
    }

    /**
     * Loads a program.
     *
     * @throws KernelRefusal EPERM without CAP_BPF and CAP_NET_ADMIN; EACCES or EINVAL with the verifier's last words; ENOENT
     *     where the kernel has not all functions that it calls
     */
    public static Program load(String name, Assembly assembly) {
        try (Arena arena = Arena.ofConfined();
                KernelFunctions functions = KernelFunctions.find(assembly.called())) {
            byte[] code = assembly.bytes(functions);
            Syscall loaded = attribute(arena, name, code, functions).call(Bpf.PROG_LOAD);
            if (loaded instanceof Syscall.Failed(Errno errno)) {
                throw new KernelRefusal("load bpf program " + name, errno, verdict(arena, name, code, functions));
            }
            return new Program((int) loaded.orThrow("load bpf program " + name));
        }
    }

    private static Bpf attribute(Arena arena, String name, byte[] code, KernelFunctions functions) {
        Bpf attribute = Bpf.in(arena)
                .u32(0, SCHED_CLS)
                .u32(4, code.length / Assembly.INSTRUCTION)
                .bytes(8, code)
                .pointer(16, arena.allocateFrom("GPL"))
                .name(48, name);
        // Kernels before 5.14 refuse what they do not know.
        return functions.module() == 0
                ? attribute
                : attribute.pointer(120, arena.allocateFrom(JAVA_INT, 0, functions.module()));
    }

    /** Loads again with a log, whose cost the good case is spared. */
    private static String verdict(Arena arena, String name, byte[] code, KernelFunctions functions) {
        MemorySegment log = arena.allocate(LOG_BYTES);
        attribute(arena, name, code, functions)
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
