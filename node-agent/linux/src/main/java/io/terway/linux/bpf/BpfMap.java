package io.terway.linux.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A map of fixed-size keys and values, shared by programs and this process. Any thread: the kernel orders the calls. */
public final class BpfMap implements AutoCloseable {

    private static final int HASH = 1;
    private static final int NO_PREALLOCATION = 1;

    private final int fd;
    private final int keyBytes;
    private final int valueBytes;

    private BpfMap(int fd, int keyBytes, int valueBytes) {
        this.fd = fd;
        this.keyBytes = keyBytes;
        this.valueBytes = valueBytes;
    }

    /**
     * A hash table that refuses what exceeds its bound.
     *
     * @throws KernelRefusal EPERM without CAP_BPF
     */
    public static BpfMap hash(String name, int keyBytes, int valueBytes, int maxEntries) {
        return create(name, keyBytes, valueBytes, maxEntries, 0);
    }

    /** Likewise, with memory taken as it fills, not at once. */
    public static BpfMap growing(String name, int keyBytes, int valueBytes, int maxEntries) {
        return create(name, keyBytes, valueBytes, maxEntries, NO_PREALLOCATION);
    }

    private static BpfMap create(String name, int keyBytes, int valueBytes, int maxEntries, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) Bpf.in(arena)
                    .u32(0, HASH)
                    .u32(4, keyBytes)
                    .u32(8, valueBytes)
                    .u32(12, maxEntries)
                    .u32(16, flags)
                    .name(28, name)
                    .call(Bpf.MAP_CREATE)
                    .orThrow("make bpf map " + name);
            return new BpfMap(fd, keyBytes, valueBytes);
        }
    }

    /** The first map of an attached program; empty when either is gone. Sizes are the caller's to know. */
    public static Optional<BpfMap> ofProgram(int programId, int keyBytes, int valueBytes) {
        try (Arena arena = Arena.ofConfined()) {
            if (!(Bpf.in(arena).u32(0, programId).call(Bpf.PROG_GET_FD_BY_ID) instanceof Syscall.Ok(long program))) {
                return Optional.empty();
            }
            MemorySegment ids = arena.allocate(4, 4);
            MemorySegment info = arena.allocate(INFO_BYTES, 8);
            info.set(java.lang.foreign.ValueLayout.JAVA_INT, INFO_NR_MAPS, 1);
            info.set(java.lang.foreign.ValueLayout.JAVA_LONG, INFO_MAP_IDS, ids.address());
            Syscall told = Bpf.in(arena)
                    .u32(0, (int) program)
                    .u32(4, INFO_BYTES)
                    .pointer(8, info)
                    .call(Bpf.OBJ_GET_INFO_BY_FD);
            Libc.close((int) program);
            if (told instanceof Syscall.Failed || info.get(java.lang.foreign.ValueLayout.JAVA_INT, INFO_NR_MAPS) == 0) {
                return Optional.empty();
            }
            int id = ids.get(java.lang.foreign.ValueLayout.JAVA_INT, 0);
            return Bpf.in(arena).u32(0, id).call(Bpf.MAP_GET_FD_BY_ID) instanceof Syscall.Ok(long map)
                    ? Optional.of(new BpfMap((int) map, keyBytes, valueBytes))
                    : Optional.empty();
        }
    }

    /** struct bpf_prog_info. */
    private static final int INFO_NR_MAPS = 52;

    private static final int INFO_MAP_IDS = 56;
    private static final int INFO_BYTES = 80;

    int fd() {
        return fd;
    }

    public void put(byte[] key, byte[] value) {
        require(key, keyBytes);
        require(value, valueBytes);
        try (Arena arena = Arena.ofConfined()) {
            Bpf.in(arena)
                    .u32(0, fd)
                    .bytes(8, key)
                    .bytes(16, value)
                    .call(Bpf.MAP_UPDATE)
                    .orThrow("put into a bpf map");
        }
    }

    /** Gone already counts as done. */
    public void delete(byte[] key) {
        require(key, keyBytes);
        try (Arena arena = Arena.ofConfined()) {
            Syscall done = Bpf.in(arena).u32(0, fd).bytes(8, key).call(Bpf.MAP_DELETE);
            if (done instanceof Syscall.Failed(Errno errno) && !errno.equals(Errno.ENOENT)) {
                throw new KernelRefusal("delete from a bpf map", errno, "");
            }
        }
    }

    public Optional<byte[]> get(byte[] key) {
        require(key, keyBytes);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(valueBytes, 8);
            return switch (Bpf.in(arena)
                    .u32(0, fd)
                    .bytes(8, key)
                    .pointer(16, value)
                    .call(Bpf.MAP_LOOKUP)) {
                case Syscall.Ok _ -> Optional.of(value.toArray(JAVA_BYTE));
                case Syscall.Failed(Errno errno) -> {
                    if (!errno.equals(Errno.ENOENT)) {
                        throw new KernelRefusal("look into a bpf map", errno, "");
                    }
                    yield Optional.empty();
                }
            };
        }
    }

    /** The keys at about this moment; while others change the map, one may be missed or come twice. */
    public List<byte[]> keys() {
        List<byte[]> keys = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment at = MemorySegment.NULL;
            while (true) {
                MemorySegment next = arena.allocate(keyBytes, 8);
                Syscall found = Bpf.in(arena)
                        .u32(0, fd)
                        .pointer(8, at)
                        .pointer(16, next)
                        .call(Bpf.MAP_GET_NEXT_KEY);
                if (found instanceof Syscall.Failed) {
                    return keys;
                }
                keys.add(next.toArray(JAVA_BYTE));
                at = next;
            }
        }
    }

    @Override
    public void close() {
        Libc.close(fd);
    }

    private static void require(byte[] bytes, int length) {
        if (bytes.length != length) {
            throw new IllegalArgumentException("the map takes " + length + " bytes here, not " + bytes.length);
        }
    }
}
