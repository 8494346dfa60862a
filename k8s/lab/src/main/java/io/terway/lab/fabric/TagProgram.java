package io.terway.lab.fabric;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The two tc programs that stand in for 802.1Q sub-interfaces, which this and many kernels lack. Each is complete for one
 * member: its tag and the link to go to are constants in it. Pure; the bytes are an ELF object as tc loads it.
 */
final class TagProgram {
    private static final int MOVE_REGISTER = 0xbf;
    private static final int MOVE = 0xb7;
    private static final int LOAD_WORD = 0x61;
    private static final int AND = 0x57;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_NOT_EQUAL = 0x55;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;

    private static final int VLAN_PUSH = 18;
    private static final int VLAN_POP = 19;
    private static final int REDIRECT = 23;

    private static final int PRESENT_OFFSET = 20; // struct __sk_buff, vlan_present
    private static final int TCI_OFFSET = 24; // struct __sk_buff, vlan_tci
    private static final int VID_MASK = 0xfff;
    private static final int ETHERTYPE = 0x0081; // 0x8100 in network order
    private static final int NEXT_FILTER = -1; // TC_ACT_UNSPEC

    private static final int ELF_HEADER = 64;
    private static final int SECTION_HEADER = 64;
    private static final int SYMBOL = 24;
    private static final String NAMES = "\0.symtab\0.strtab\0tc\0license\0";
    private static final String SYMBOLS = "\0tag\0";
    private static final byte[] LICENSE = "GPL\0".getBytes(StandardCharsets.US_ASCII);

    private TagProgram() {}

    /** On a trunk's link: frames of this tag lose it and go to {@code member}; others see the next filter. */
    static byte[] pop(int vlan, int member) {
        Code code = new Code();
        code.add(MOVE_REGISTER, 6, 1, 0, 0);
        code.add(LOAD_WORD, 2, 1, TCI_OFFSET, 0);
        code.add(AND, 2, 0, 0, VID_MASK);
        code.add(JUMP_NOT_EQUAL, 2, 0, 8, vlan);
        code.add(LOAD_WORD, 2, 1, PRESENT_OFFSET, 0);
        code.add(JUMP_EQUAL, 2, 0, 6, 0);
        code.add(MOVE_REGISTER, 1, 6, 0, 0);
        code.add(CALL, 0, 0, 0, VLAN_POP);
        code.redirect(member);
        code.add(MOVE, 0, 0, 0, NEXT_FILTER);
        code.add(EXIT, 0, 0, 0, 0);
        return elf(code.bytes());
    }

    /** On a member's link: every frame gets the tag and leaves by {@code trunk}. */
    static byte[] push(int vlan, int trunk) {
        Code code = new Code();
        code.add(MOVE, 2, 0, 0, ETHERTYPE);
        code.add(MOVE, 3, 0, 0, vlan);
        code.add(CALL, 0, 0, 0, VLAN_PUSH);
        code.redirect(trunk);
        return elf(code.bytes());
    }

    private static final class Code {
        private final ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

        void add(int operation, int target, int source, int offset, int value) {
            buffer.put((byte) operation);
            buffer.put((byte) (source << 4 | target));
            buffer.putShort((short) offset);
            buffer.putInt(value);
        }

        void redirect(int link) {
            add(MOVE, 1, 0, 0, link);
            add(MOVE, 2, 0, 0, 0);
            add(CALL, 0, 0, 0, REDIRECT);
            add(EXIT, 0, 0, 0, 0);
        }

        byte[] bytes() {
            byte[] bytes = new byte[buffer.position()];
            buffer.get(0, bytes);
            return bytes;
        }
    }

    /** Five sections: the code, the licence, one symbol for the code, and two tables of names. */
    private static byte[] elf(byte[] code) {
        byte[] names = NAMES.getBytes(StandardCharsets.US_ASCII);
        byte[] symbols = SYMBOLS.getBytes(StandardCharsets.US_ASCII);
        int license = ELF_HEADER + code.length;
        int table = aligned(license + LICENSE.length);
        int symbolNames = table + 2 * SYMBOL;
        int sectionNames = symbolNames + symbols.length;
        int headers = aligned(sectionNames + names.length);
        ByteBuffer out = ByteBuffer.allocate(headers + 6 * SECTION_HEADER).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
        out.putShort((short) 1)
                .putShort((short) 247)
                .putInt(1)
                .putLong(0)
                .putLong(0)
                .putLong(headers);
        out.putInt(0).putShort((short) ELF_HEADER).putShort((short) 0).putShort((short) 0);
        out.putShort((short) SECTION_HEADER).putShort((short) 6).putShort((short) 5);
        out.put(ELF_HEADER, code)
                .put(license, LICENSE)
                .put(symbolNames, symbols)
                .put(sectionNames, names);
        out.position(table + SYMBOL);
        out.putInt(1)
                .put((byte) 0x12)
                .put((byte) 0)
                .putShort((short) 1)
                .putLong(0)
                .putLong(code.length);
        out.position(headers + SECTION_HEADER);
        section(out, "tc", 1, 6, ELF_HEADER, code.length, 0, 0, 8);
        section(out, "license", 1, 3, license, LICENSE.length, 0, 0, 1);
        section(out, ".symtab", 2, 0, table, 2 * SYMBOL, 4, 1, 8);
        section(out, ".strtab", 3, 0, symbolNames, symbols.length, 0, 0, 1);
        section(out, ".strtab", 3, 0, sectionNames, names.length, 0, 0, 1);
        return out.array();
    }

    private static void section(
            ByteBuffer out, String name, int type, long flags, long at, long size, int link, int info, long align) {
        out.putInt(NAMES.indexOf(name))
                .putInt(type)
                .putLong(flags)
                .putLong(0)
                .putLong(at)
                .putLong(size);
        out.putInt(link).putInt(info).putLong(align).putLong(type == 2 ? SYMBOL : 0);
    }

    private static int aligned(int offset) {
        return (offset + 7) / 8 * 8;
    }
}
