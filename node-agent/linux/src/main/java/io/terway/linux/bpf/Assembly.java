package io.terway.linux.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program, instruction by instruction. Registers are numbers: 0 is the result, 1 to 5 are arguments and lost in calls, 6
 * to 9 are kept, 10 is the frame, whose 512 bytes lie below it. Jumps go forward to labels.
 */
public final class Assembly {

    /** Bytes of one instruction. */
    static final int INSTRUCTION = 8;

    private static final int LD_IMM64 = 0x18;
    private static final int PSEUDO_MAP_FD = 1;
    private static final int PSEUDO_KERNEL_FUNCTION = 2;
    private static final int MOV_REGISTER = 0xbf;
    private static final int MOV_VALUE = 0xb7;
    private static final int ALU_VALUE = 0x07;
    private static final int ADD_REGISTER = 0x0f;
    private static final int SUBTRACT_REGISTER = 0x1f;
    private static final int LOAD = 0x61;
    private static final int STORE_REGISTER = 0x63;
    private static final int STORE_VALUE = 0x62;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;
    private static final int JUMP = 0x05;

    /** Width of a load or store, as its instruction says it. */
    public enum Width {
        U8(0x10),
        U16(0x08),
        U32(0x00),
        U64(0x18);

        private final int bits;

        Width(int bits) {
            this.bits = bits;
        }
    }

    /** An operation with a value. */
    public enum Alu {
        ADD(0x00),
        AND(0x50),
        OR(0x40),
        SHIFT_LEFT(0x60),
        SHIFT_RIGHT(0x70);

        private final int bits;

        Alu(int bits) {
            this.bits = bits;
        }
    }

    /** A condition of a jump. */
    public enum When {
        EQUAL(0x10),
        NOT_EQUAL(0x50),
        GREATER(0x20),
        BITS(0x40);

        private final int bits;

        When(int bits) {
            this.bits = bits;
        }
    }

    private record Instruction(
            int code, int to, int from, int offset, int value, String target, KernelFunction function) {

        Instruction(int code, int to, int from, int offset, int value, String target) {
            this(code, to, from, offset, value, target, null);
        }
    }

    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final Set<KernelFunction> called = EnumSet.noneOf(KernelFunction.class);

    public Assembly label(String name) {
        if (labels.put(name, instructions.size()) != null) {
            throw new IllegalArgumentException("label " + name + " is there twice");
        }
        return this;
    }

    public Assembly move(int to, int from) {
        return add(MOV_REGISTER, to, from, 0, 0);
    }

    public Assembly set(int to, int value) {
        return add(MOV_VALUE, to, 0, 0, value);
    }

    public Assembly alu(Alu operation, int to, int value) {
        return add(ALU_VALUE | operation.bits, to, 0, 0, value);
    }

    /** {@code to = to + from}. */
    public Assembly add(int to, int from) {
        return add(ADD_REGISTER, to, from, 0, 0);
    }

    /** {@code to = to - from}. */
    public Assembly subtract(int to, int from) {
        return add(SUBTRACT_REGISTER, to, from, 0, 0);
    }

    /** {@code to = *(from + offset)}. */
    public Assembly load(Width width, int to, int from, int offset) {
        return add(LOAD | width.bits, to, from, offset, 0);
    }

    /** {@code *(to + offset) = from}. */
    public Assembly store(Width width, int to, int offset, int from) {
        return add(STORE_REGISTER | width.bits, to, from, offset, 0);
    }

    /** {@code *(to + offset) = value}. */
    public Assembly storeValue(Width width, int to, int offset, int value) {
        return add(STORE_VALUE | width.bits, to, 0, offset, value);
    }

    public Assembly map(int to, BpfMap map) {
        add(LD_IMM64, to, PSEUDO_MAP_FD, 0, map.fd());
        return add(0, 0, 0, 0, 0);
    }

    public Assembly call(Helper helper) {
        return add(CALL, 0, 0, 0, helper.number());
    }

    public Assembly call(KernelFunction function) {
        called.add(function);
        instructions.add(new Instruction(CALL, 0, PSEUDO_KERNEL_FUNCTION, 0, 0, null, function));
        return this;
    }

    /** Functions that the kernel must have. */
    Set<KernelFunction> called() {
        return called;
    }

    public Assembly jump(String target) {
        instructions.add(new Instruction(JUMP, 0, 0, 0, 0, target));
        return this;
    }

    /** Compares all 64 bits of the register with the sign-extended value. */
    public Assembly jump(When when, int register, int value, String target) {
        instructions.add(new Instruction(JUMP | when.bits, register, 0, 0, value, target));
        return this;
    }

    /** Compares two registers. */
    public Assembly jumpRegisters(When when, int register, int other, String target) {
        instructions.add(new Instruction(JUMP | when.bits | 0x08, register, other, 0, 0, target));
        return this;
    }

    public Assembly exit(int result) {
        return set(0, result).add(EXIT, 0, 0, 0, 0);
    }

    /** Returns what register 0 holds. */
    public Assembly exit() {
        return add(EXIT, 0, 0, 0, 0);
    }

    /** The machine's form, where the functions it calls have these numbers. */
    byte[] bytes(KernelFunctions functions) {
        ByteBuffer out = ByteBuffer.allocate(instructions.size() * INSTRUCTION).order(ByteOrder.nativeOrder());
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        for (int at = 0; at < instructions.size(); at++) {
            Instruction i = instructions.get(at);
            int registers = little ? i.from() << 4 | i.to() : i.to() << 4 | i.from();
            int offset = i.target() == null ? i.offset() : distance(at, i.target());
            int value = i.value();
            if (i.function() != null) {
                offset = functions.module() == 0 ? 0 : Program.MODULE;
                value = functions.numbers().get(i.function());
            }
            out.put((byte) i.code())
                    .put((byte) registers)
                    .putShort((short) offset)
                    .putInt(value);
        }
        return out.array();
    }

    private int distance(int at, String target) {
        Integer label = labels.get(target);
        if (label == null) {
            throw new IllegalArgumentException("there is no label " + target);
        }
        return label - at - 1;
    }

    private Assembly add(int code, int to, int from, int offset, int value) {
        instructions.add(new Instruction(code, to, from, offset, value, null));
        return this;
    }
}
