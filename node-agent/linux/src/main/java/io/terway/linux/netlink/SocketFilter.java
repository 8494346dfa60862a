package io.terway.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Which messages a netlink socket receives: a program of the classic kind that the kernel runs before one waits there
 * (linux/filter.h). It reads words as they are sent, the first byte first.
 */
final class SocketFilter {

    /** What becomes of a message. */
    private enum End {
        PASS,
        DROP
    }

    private static final int LOAD_CONSTANT = 0x00;
    private static final int LOAD_INDEX_CONSTANT = 0x01;
    private static final int LOAD_WORD = 0x20;
    private static final int LOAD_WORD_AT_INDEX = 0x40;
    private static final int LOAD_BYTE_AT_INDEX = 0x50;
    private static final int TO_INDEX = 0x07;
    private static final int MODULO = 0x94;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_BITS = 0x45;
    private static final int RETURN = 0x06;

    /** SKF_AD_OFF with what stands for no byte of the message: a number that the kernel draws, and where an attribute is. */
    private static final int RANDOM = -0x1000 + 56;

    private static final int ATTRIBUTE = -0x1000 + 12;
    private static final int NESTED_ATTRIBUTE = -0x1000 + 16;

    /** struct nlmsghdr and nfgenmsg lie before the attributes; each has four bytes before its value. */
    private static final int ATTRIBUTES = NlMessage.HEADER + Conntrack.NFGENMSG;

    private static final int VALUE = 4;

    private static final int CTA_STATUS = 3;
    private static final int IPS_ASSURED = 1 << 2;
    private static final int CTA_PROTOINFO = 4;
    private static final int CTA_PROTOINFO_TCP = 1;
    private static final int CTA_PROTOINFO_TCP_STATE = 1;

    /**
     * The last state but for a reset's. A message has the state of when it was made, not of what it is about, so one that
     * tells of any state before may be the only one to tell that the connection is ending.
     */
    private static final int TIME_WAIT = 7;

    static final SocketFilter EVERYTHING = new SocketFilter();

    /** Of connections: those that are assured, until both sides are known to have ended them. */
    static final SocketFilter LASTING = new SocketFilter()
            .attribute(CTA_STATUS, ATTRIBUTE)
            .add(LOAD_WORD_AT_INDEX, VALUE)
            .branch(JUMP_IF_BITS, IPS_ASSURED, null, End.DROP)
            .attribute(CTA_PROTOINFO, ATTRIBUTE)
            .attribute(CTA_PROTOINFO_TCP, NESTED_ATTRIBUTE)
            .attribute(CTA_PROTOINFO_TCP_STATE, NESTED_ATTRIBUTE)
            .add(LOAD_BYTE_AT_INDEX, VALUE)
            .branch(JUMP_IF_EQUAL, TIME_WAIT, End.DROP, End.PASS);

    private record Instruction(int code, End ifTrue, End ifFalse, int operand) {}

    private final List<Instruction> instructions = new ArrayList<>();

    private SocketFilter() {}

    /** One in so many, chosen at random. */
    static SocketFilter oneIn(int count) {
        return count <= 1
                ? EVERYTHING
                : new SocketFilter()
                        .add(LOAD_WORD, RANDOM)
                        .add(MODULO, count)
                        .branch(JUMP_IF_EQUAL, 0, End.PASS, End.DROP);
    }

    /** Leaves in the index where the attribute of a type begins: among all, or in the one found before. None: it passes. */
    private SocketFilter attribute(int type, int where) {
        if (where == ATTRIBUTE) {
            add(LOAD_CONSTANT, ATTRIBUTES);
        }
        return add(LOAD_INDEX_CONSTANT, type)
                .add(LOAD_WORD, where)
                .branch(JUMP_IF_EQUAL, 0, End.PASS, null)
                .add(TO_INDEX, 0);
    }

    private SocketFilter add(int code, int operand) {
        return branch(code, operand, null, null);
    }

    /** Goes on at the next instruction where no end is named. */
    private SocketFilter branch(int code, int operand, End ifTrueOrNull, End ifFalseOrNull) {
        instructions.add(new Instruction(code, ifTrueOrNull, ifFalseOrNull, operand));
        return this;
    }

    /** An array of struct sock_filter; what is no branch goes on, and both ends stand behind all. */
    byte[] bytes() {
        int length = instructions.size();
        ByteBuffer out = ByteBuffer.allocate((length + 2) * 8).order(ByteOrder.nativeOrder());
        for (int at = 0; at < length; at++) {
            Instruction i = instructions.get(at);
            put(out, i.code(), distance(i.ifTrue(), length - at), distance(i.ifFalse(), length - at), i.operand());
        }
        put(out, RETURN, 0, 0, -1);
        put(out, RETURN, 0, 0, 0);
        return out.array();
    }

    /** @param toPass instructions from the present one to the first end */
    private static int distance(End endOrNull, int toPass) {
        return switch (endOrNull) {
            case null -> 0;
            case PASS -> toPass - 1;
            case DROP -> toPass;
        };
    }

    private static void put(ByteBuffer out, int code, int ifTrue, int ifFalse, int operand) {
        out.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(operand);
    }
}
