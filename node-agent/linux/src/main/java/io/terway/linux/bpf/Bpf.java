package io.terway.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The system call with its union of attributes. Offsets are those of linux/bpf.h, the same on every 64-bit machine. */
final class Bpf {

    static final int MAP_CREATE = 0;
    static final int MAP_LOOKUP = 1;
    static final int MAP_UPDATE = 2;
    static final int MAP_DELETE = 3;
    static final int MAP_GET_NEXT_KEY = 4;
    static final int PROG_LOAD = 5;
    static final int PROG_GET_FD_BY_ID = 13;
    static final int MAP_GET_FD_BY_ID = 14;
    static final int OBJ_GET_INFO_BY_FD = 15;
    static final int LINK_CREATE = 28;

    /** Larger than any attribute used here; the kernel wants the rest zero. */
    private static final int ATTRIBUTE_BYTES = 128;

    private static final int NAME_BYTES = 16;

    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private final Arena arena;
    private final MemorySegment attribute;

    private Bpf(Arena arena) {
        this.arena = arena;
        this.attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
    }

    /** Fills in and makes one call; what it points to lives as long as the arena. */
    static Bpf in(Arena arena) {
        return new Bpf(arena);
    }

    Bpf u32(int offset, int value) {
        attribute.set(JAVA_INT, offset, value);
        return this;
    }

    Bpf u64(int offset, long value) {
        attribute.set(U64, offset, value);
        return this;
    }

    Bpf pointer(int offset, MemorySegment to) {
        return u64(offset, to.address());
    }

    Bpf bytes(int offset, byte[] value) {
        return pointer(offset, arena.allocateFrom(JAVA_BYTE, value));
    }

    /** The kernel takes letters, digits, dots and underscores, and cuts what is longer. */
    Bpf name(int offset, String name) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(text, 0, attribute, JAVA_BYTE, offset, Math.min(text.length, NAME_BYTES - 1));
        return this;
    }

    Syscall call(int command) {
        return Libc.bpf(command, attribute, ATTRIBUTE_BYTES);
    }
}
