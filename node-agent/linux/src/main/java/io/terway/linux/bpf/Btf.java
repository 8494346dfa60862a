package io.terway.linux.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * The kernel's description of its own types and functions (BTF), or that of a module, whose numbers and names go on where
 * the kernel's end. Layout: Documentation/bpf/btf.rst.
 */
final class Btf {

    private static final int MAGIC = 0xeb9f;
    private static final int TYPE_BYTES = 12;
    private static final int FUNCTION = 12;
    private static final int LAST_KIND = 19;

    private final ByteBuffer types;
    private final ByteBuffer strings;
    private final Btf kernel; // null: this is the kernel's
    private final int firstType;
    private final int firstString;

    private Btf(ByteBuffer types, ByteBuffer strings, Btf kernelOrNull) {
        this.types = types;
        this.strings = strings;
        this.kernel = kernelOrNull;
        this.firstType = kernel == null ? 1 : kernel.firstType + kernel.count();
        this.firstString = kernel == null ? 0 : kernel.strings.limit();
    }

    /**
     * The kernel's.
     *
     * @throws IllegalArgumentException when this is none
     */
    static Btf of(ByteBuffer file) {
        return of(file, null);
    }

    /** A module's, on top of the kernel's. */
    static Btf of(ByteBuffer file, Btf kernel) {
        ByteBuffer in = file.duplicate().order(ByteOrder.nativeOrder());
        if (in.remaining() < 24 || Short.toUnsignedInt(in.getShort(0)) != MAGIC) {
            throw new IllegalArgumentException("this is no BTF");
        }
        int header = in.getInt(4);
        return new Btf(
                in.slice(header + in.getInt(8), in.getInt(12)).order(ByteOrder.nativeOrder()),
                in.slice(header + in.getInt(16), in.getInt(20)),
                kernel);
    }

    /** The numbers of those of these functions that it knows. */
    Map<KernelFunction, Integer> find(Set<KernelFunction> wanted) {
        Map<KernelFunction, Integer> found = new EnumMap<>(KernelFunction.class);
        int number = firstType;
        for (int at = 0; at < types.limit(); at += length(at)) {
            if (kind(at) == FUNCTION) {
                for (KernelFunction function : wanted) {
                    if (isName(types.getInt(at), function.symbol())) {
                        found.put(function, number);
                    }
                }
            }
            number++;
        }
        return found;
    }

    private int count() {
        int count = 0;
        for (int at = 0; at < types.limit(); at += length(at)) {
            count++;
        }
        return count;
    }

    /** A module's names may be the kernel's strings, too. */
    private boolean isName(int offset, String name) {
        if (offset < firstString) {
            return kernel.isName(offset, name);
        }
        int at = offset - firstString;
        for (int i = 0; i < name.length(); i++) {
            if (strings.get(at + i) != name.charAt(i)) {
                return false;
            }
        }
        return strings.get(at + name.length()) == 0;
    }

    private int kind(int at) {
        return types.getInt(at + 4) >> 24 & 31;
    }

    /** BTF_KIND_*: what follows the twelve bytes that every type has. */
    private int length(int at) {
        int members = types.getInt(at + 4) & 0xffff;
        int kind = kind(at);
        return TYPE_BYTES
                + switch (kind) {
                    case 1, 14, 17 -> 4;
                    case 3 -> 12;
                    case 4, 5, 15, 19 -> 12 * members;
                    case 6, 13 -> 8 * members;
                    default -> {
                        if (kind == 0 || kind > LAST_KIND) {
                            throw new IllegalArgumentException("BTF of a later kind: " + kind);
                        }
                        yield 0;
                    }
                };
    }
}
