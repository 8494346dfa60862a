package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One received message.
 *
 * @param flags NLM_F_* bits
 * @param body what follows the 16-byte header
 */
record NlMessage(int type, int flags, int sequence, ByteBuffer body) {

    static final int HEADER = 16;
    static final int NLMSG_ERROR = 2;
    static final int NLMSG_DONE = 3;
    static final int NLM_F_DUMP_INTR = 0x10;

    private static final int NLM_F_CAPPED = 0x100;
    private static final int NLM_F_ACK_TLVS = 0x200;
    private static final int NLMSGERR_ATTR_MSG = 1;

    /** The messages of one datagram. A header that lies about its length ends the list. */
    static List<NlMessage> split(byte[] datagram, int length) {
        ByteBuffer in = ByteBuffer.wrap(datagram, 0, length).order(ByteOrder.nativeOrder());
        List<NlMessage> messages = new ArrayList<>();
        int at = 0;
        while (length - at >= HEADER) {
            int size = in.getInt(at);
            if (size < HEADER || size > length - at) {
                break;
            }
            ByteBuffer body = in.slice(at + HEADER, size - HEADER).order(ByteOrder.nativeOrder());
            messages.add(new NlMessage(
                    Short.toUnsignedInt(in.getShort(at + 4)),
                    Short.toUnsignedInt(in.getShort(at + 6)),
                    in.getInt(at + 8),
                    body));
            at += size + 3 & ~3;
        }
        return messages;
    }

    /** Writes {@code request} as a message with these flags. */
    static void write(ByteBuffer out, Request request, int flags, int sequence) {
        out.putInt(HEADER + request.length())
                .putShort((short) request.type())
                .putShort((short) flags)
                .putInt(sequence)
                .putInt(0);
        request.writeBody(out);
    }

    /** Of an error or done message: 0 for success, else a positive errno. */
    int error() {
        return body.remaining() >= 4 ? -body.getInt(0) : 0;
    }

    Errno errno() {
        return new Errno(error());
    }

    /** The kernel's words in an error message; empty when it gave none. */
    String text() {
        if ((flags & NLM_F_ACK_TLVS) == 0) {
            return "";
        }
        // struct nlmsgerr holds the request's header, and its body unless capped.
        int echoed = (flags & NLM_F_CAPPED) != 0 ? HEADER : body.getInt(4) + 3 & ~3;
        int from = 4 + echoed;
        return from >= body.limit()
                ? ""
                : Attributes.of(body.slice(from, body.limit() - from).order(ByteOrder.nativeOrder()))
                        .string(NLMSGERR_ATTR_MSG);
    }

    /** A readable body, positioned at its start. */
    ByteBuffer reader() {
        return body.duplicate().order(ByteOrder.nativeOrder());
    }

    @Override
    public String toString() {
        byte[] bytes = new byte[body.limit()];
        body.get(0, bytes);
        return "message " + type + " #" + sequence + " " + new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
