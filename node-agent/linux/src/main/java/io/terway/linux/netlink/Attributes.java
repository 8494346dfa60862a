package io.terway.linux.netlink;

import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The attributes of one message or nest, by type. Unknown ones are skipped, a malformed length ends the list. */
final class Attributes {

    private static final int TYPE_MASK = 0x3fff;

    /** Higher types are of no interest here. */
    private static final int MAX_TYPE = 64;

    private final ByteBuffer[] values = new ByteBuffer[MAX_TYPE];

    /** Reads what remains of {@code in}. */
    static Attributes of(ByteBuffer in) {
        Attributes found = new Attributes();
        int at = in.position();
        while (in.limit() - at >= 4) {
            int length = Short.toUnsignedInt(in.getShort(at));
            int type = in.getShort(at + 2) & TYPE_MASK;
            if (length < 4 || at + length > in.limit()) {
                break;
            }
            if (type < MAX_TYPE) {
                found.values[type] = in.slice(at + 4, length - 4).order(ByteOrder.nativeOrder());
            }
            at += length + 3 & ~3;
        }
        return found;
    }

    boolean has(int type) {
        return values[type] != null;
    }

    int u32(int type, int otherwise) {
        ByteBuffer value = values[type];
        return value != null && value.remaining() >= 4 ? value.getInt(0) : otherwise;
    }

    int u8(int type, int otherwise) {
        ByteBuffer value = values[type];
        return value != null && value.hasRemaining() ? value.get(0) & 255 : otherwise;
    }

    /** Text up to its zero byte; empty when absent. */
    String string(int type) {
        if (values[type] == null) {
            return "";
        }
        byte[] bytes = bytes(type);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    Optional<Ip> ip(int type) {
        return has(type) && (values[type].remaining() == 4 || values[type].remaining() == 16)
                ? Optional.of(Ip.of(bytes(type)))
                : Optional.empty();
    }

    Optional<Mac> mac(int type) {
        return has(type) && values[type].remaining() == 6 ? Optional.of(Mac.of(bytes(type))) : Optional.empty();
    }

    /** The attributes inside this one; none when absent. */
    Attributes nested(int type) {
        return has(type) ? of(values[type].duplicate().order(ByteOrder.nativeOrder())) : new Attributes();
    }

    /** The value itself; null when absent. */
    ByteBuffer raw(int type) {
        return values[type];
    }

    private byte[] bytes(int type) {
        byte[] out = new byte[values[type].remaining()];
        values[type].get(0, out);
        return out;
    }
}
