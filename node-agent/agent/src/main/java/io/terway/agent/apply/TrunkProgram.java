package io.terway.agent.apply;

import io.terway.linux.bpf.Assembly;
import io.terway.linux.bpf.Assembly.Alu;
import io.terway.linux.bpf.Assembly.When;
import io.terway.linux.bpf.Assembly.Width;
import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Helper;
import io.terway.linux.bpf.Packet;
import java.nio.ByteOrder;

/**
 * The programs on a trunk's link. Value of the map: tag (16 bits), MAC (48 bits). Outgoing packets from a member's address
 * get its MAC and tag; incoming ones with a member's tag lose it, when it is the tag of the address they are for.
 */
final class TrunkProgram {

    static final int KEY_BYTES = 16;
    static final int VALUE_BYTES = 8;

    private static final int IPV4 = ethernet(0x0800);
    private static final int IPV6 = ethernet(0x86dd);
    private static final int VLAN = ethernet(0x8100);

    /** Prefix of an IPv4 address in a key. */
    private static final int MAPPED = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0xffff0000 : 0x0000ffff;

    private static final int ETHERNET_HEADER = 14;
    private static final int SOURCE_MAC = 6;
    private static final int IPV4_SOURCE = ETHERNET_HEADER + 12;
    private static final int IPV4_DESTINATION = ETHERNET_HEADER + 16;
    private static final int IPV6_SOURCE = ETHERNET_HEADER + 8;
    private static final int IPV6_DESTINATION = ETHERNET_HEADER + 24;

    private static final int FRAME = 10;
    private static final int CONTEXT = 6;
    private static final int ENTRY = 7;
    private static final int TAG = 8;

    private TrunkProgram() {}

    static Assembly egress(BpfMap map) {
        Assembly a = new Assembly().move(CONTEXT, 1);
        lookUp(a, map, IPV4_SOURCE, IPV6_SOURCE);
        return a.move(ENTRY, 0)
                .move(1, CONTEXT)
                .set(2, SOURCE_MAC)
                .move(3, ENTRY)
                .alu(Alu.ADD, 3, 2)
                .set(4, 6)
                .set(5, 0)
                .call(Helper.STORE_BYTES)
                .load(Width.U16, 3, ENTRY, 0)
                .move(1, CONTEXT)
                .set(2, VLAN)
                .call(Helper.VLAN_PUSH)
                .exit(Packet.PASS)
                .label("next")
                .exit(Packet.NEXT);
    }

    static Assembly ingress(BpfMap map) {
        Assembly a = new Assembly()
                .move(CONTEXT, 1)
                .load(Width.U32, 2, CONTEXT, Packet.VLAN_PRESENT)
                .jump(When.EQUAL, 2, 0, "next")
                .load(Width.U32, TAG, CONTEXT, Packet.VLAN_TAG)
                .alu(Alu.AND, TAG, 0xfff);
        lookUp(a, map, IPV4_DESTINATION, IPV6_DESTINATION);
        return a.load(Width.U16, 2, 0, 0)
                .jumpRegisters(When.NOT_EQUAL, 2, TAG, "drop")
                .move(1, CONTEXT)
                .call(Helper.VLAN_POP)
                .move(1, CONTEXT)
                .set(2, 0)
                .call(Helper.CHANGE_TYPE)
                .exit(Packet.PASS)
                .label("drop")
                .exit(Packet.DROP)
                .label("next")
                .exit(Packet.NEXT);
    }

    /** Leaves the address's entry in register 0, or goes to "next". */
    private static void lookUp(Assembly a, BpfMap map, int ipv4, int ipv6) {
        a.load(Width.U32, 2, CONTEXT, Packet.PROTOCOL)
                .jump(When.EQUAL, 2, IPV4, "ipv4")
                .jump(When.EQUAL, 2, IPV6, "ipv6")
                .jump("next")
                .label("ipv4")
                .storeValue(Width.U64, FRAME, -16, 0)
                .storeValue(Width.U32, FRAME, -8, MAPPED);
        loadBytes(a, ipv4, -4, 4);
        a.jump("look").label("ipv6");
        loadBytes(a, ipv6, -16, 16);
        a.label("look")
                .map(1, map)
                .move(2, FRAME)
                .alu(Alu.ADD, 2, -KEY_BYTES)
                .call(Helper.MAP_LOOKUP)
                .jump(When.EQUAL, 0, 0, "next");
    }

    private static void loadBytes(Assembly a, int offset, int to, int length) {
        a.move(1, CONTEXT)
                .set(2, offset)
                .move(3, FRAME)
                .alu(Alu.ADD, 3, to)
                .set(4, length)
                .call(Helper.LOAD_BYTES)
                .jump(When.NOT_EQUAL, 0, 0, "next");
    }

    /** As a program reads it: two bytes in network order. */
    private static int ethernet(int type) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? Short.toUnsignedInt(Short.reverseBytes((short) type))
                : type;
    }
}
