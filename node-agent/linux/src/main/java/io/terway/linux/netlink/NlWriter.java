package io.terway.linux.netlink;

import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds netlink bytes: fixed headers and (nested) attributes, native byte order, 4-byte alignment. */
final class NlWriter {

    private static final int NLA_F_NESTED = 0x8000;

    private ByteBuffer out = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());

    NlWriter u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    NlWriter u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    NlWriter u32(int value) {
        room(4).putInt(value);
        return this;
    }

    NlWriter attribute(int type, byte[] value) {
        room(8 + value.length);
        out.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        return pad();
    }

    /** A nested attribute whose inside exists already. */
    NlWriter nested(int type, byte[] inside) {
        return attribute(type | NLA_F_NESTED, inside);
    }

    NlWriter u32(int type, int value) {
        room(8).putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    NlWriter u16(int type, int value) {
        room(8).putShort((short) 6).putShort((short) type).putShort((short) value);
        return pad();
    }

    NlWriter u8(int type, int value) {
        return attribute(type, new byte[] {(byte) value});
    }

    /** A zero-terminated string. */
    NlWriter string(int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(text, text.length + 1));
    }

    NlWriter ip(int type, Ip value) {
        return attribute(type, value.bytes());
    }

    NlWriter mac(int type, Mac value) {
        return attribute(type, value.bytes());
    }

    /** Starts a nested attribute; give what it returns to {@link #end}. */
    int begin(int type) {
        int at = out.position();
        room(4).putShort((short) 0).putShort((short) (type | NLA_F_NESTED));
        return at;
    }

    NlWriter end(int begun) {
        out.putShort(begun, (short) (out.position() - begun));
        return this;
    }

    byte[] bytes() {
        return Arrays.copyOf(out.array(), out.position());
    }

    private NlWriter pad() {
        while (out.position() % 4 != 0) {
            out.put((byte) 0);
        }
        return this;
    }

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            ByteBuffer larger =
                    ByteBuffer.allocate(2 * (out.capacity() + bytes)).order(ByteOrder.nativeOrder());
            larger.put(out.flip());
            out = larger;
        }
        return out;
    }
}
