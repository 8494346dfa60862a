package io.terway.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Where the kernel has functions: their numbers, and the descriptor of the module they are in. Of one load of a program. */
record KernelFunctions(Map<KernelFunction, Integer> numbers, int module) implements AutoCloseable {

    private static final Path DESCRIPTIONS = Path.of("/sys/kernel/btf");
    private static final int BTF_GET_FD_BY_ID = 19;
    private static final int BTF_GET_NEXT_ID = 23;

    /** struct bpf_btf_info. */
    private static final int INFO_BYTES = 32;

    private static final int NAME_BYTES = 64;

    /** None, for programs that call helpers only. */
    static final KernelFunctions NONE = new KernelFunctions(Map.of(), 0);

    /** @param module 0: they are part of the kernel itself */
    KernelFunctions {
        numbers = Map.copyOf(numbers);
    }

    /**
     * Finds these functions, all of them in one place.
     *
     * @throws KernelRefusal ENOENT where this kernel has not all of them
     */
    static KernelFunctions find(Set<KernelFunction> wanted) {
        return wanted.isEmpty() ? NONE : find(wanted, DESCRIPTIONS);
    }

    static KernelFunctions find(Set<KernelFunction> wanted, Path descriptions) {
        Path module = descriptions.resolve(KernelFunction.MODULE);
        try (Arena arena = Arena.ofConfined()) {
            Btf kernel = Btf.of(read(descriptions.resolve("vmlinux"), arena));
            Map<KernelFunction, Integer> numbers = kernel.find(wanted);
            if (numbers.size() == wanted.size()) {
                return new KernelFunctions(numbers, 0);
            }
            if (Files.exists(module)) {
                numbers = Btf.of(read(module, arena), kernel).find(wanted);
                if (numbers.size() == wanted.size()) {
                    return new KernelFunctions(numbers, open(KernelFunction.MODULE));
                }
            }
            EnumSet<KernelFunction> missing = EnumSet.copyOf(wanted);
            missing.removeAll(numbers.keySet());
            throw refusal("it has no " + missing.iterator().next().symbol() + ", which Linux has since 6.0");
        } catch (IOException | IllegalArgumentException e) {
            throw refusal("its types cannot be read: " + e.getMessage());
        }
    }

    private static KernelRefusal refusal(String text) {
        return new KernelRefusal("find functions of the kernel", Errno.ENOENT, text);
    }

    /** Outside of the heap: megabytes, needed once. */
    private static ByteBuffer read(Path file, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer bytes = arena.allocate(channel.size()).asByteBuffer();
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            return bytes.flip();
        }
    }

    /** The descriptor of a module's description, which a program that calls into it must show. */
    private static int open(String module) {
        try (Arena arena = Arena.ofConfined()) {
            int id = 0;
            while (true) {
                MemorySegment next = arena.allocate(12, 8);
                next.set(JAVA_INT, 0, id);
                Libc.bpf(BTF_GET_NEXT_ID, next, 12).orThrow("find the module " + module);
                id = next.get(JAVA_INT, 4);
                int fd = (int) Bpf.in(arena).u32(0, id).call(BTF_GET_FD_BY_ID).orThrow("open the types of a module");
                if (module.equals(name(fd, arena))) {
                    return fd;
                }
                Libc.close(fd);
            }
        }
    }

    private static String name(int fd, Arena arena) {
        MemorySegment name = arena.allocate(NAME_BYTES);
        MemorySegment info = arena.allocate(INFO_BYTES, 8);
        info.set(java.lang.foreign.ValueLayout.JAVA_LONG, 16, name.address());
        info.set(JAVA_INT, 24, NAME_BYTES);
        Syscall told =
                Bpf.in(arena).u32(0, fd).u32(4, INFO_BYTES).pointer(8, info).call(Bpf.OBJ_GET_INFO_BY_FD);
        boolean terminated = name.get(JAVA_BYTE, NAME_BYTES - 1) == 0;
        return told instanceof Syscall.Ok && terminated ? name.getString(0) : "";
    }

    @Override
    public void close() {
        if (module != 0) {
            Libc.close(module);
        }
    }
}
