package io.terway.agent.accel;

import io.terway.linux.bpf.Assembly;
import io.terway.linux.bpf.Assembly.Alu;
import io.terway.linux.bpf.Assembly.When;
import io.terway.linux.bpf.Assembly.Width;
import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Helper;
import io.terway.linux.bpf.KernelFunction;
import io.terway.linux.bpf.Packet;
import java.nio.ByteOrder;

/**
 * The program on the host's end of a pod's link, and on the links that lead into the VPC. A packet whose flow is in the map
 * of its family goes straight into the other pod, without its tag if it bears one, or out of the link, where the kernel's
 * own routes and neighbours give it its next MAC. All others go on to the host's stack.
 *
 * <p>The first packet of a flow in some seconds keeps the connection alive in the kernel's connection tracking; when it is
 * not there any more, it goes to the host's stack, to be judged.
 *
 * <p>Key: both addresses, ports, link it came in by (32 bits), protocol (8 bits) with the tag ({@link #tagged}). Value: when
 * the connection was last kept alive (64 bits, ticks), the link it goes to (32 bits), how (32 bits), destination and
 * source MAC, how many milliseconds an idle connection is remembered (32 bits).
 */
final class FlowProgram {

    static final int IPV4_KEY_BYTES = 20;
    static final int IPV6_KEY_BYTES = 44;
    static final int VALUE_BYTES = 32;

    /** How: by the host's end of a pod's link into the pod, with the MACs of the value. */
    static final int INTO_POD = 0;

    /** How: out of the link, as the routes say. */
    static final int OUT = 1;

    /** How: into the pod, after its tag was taken off. */
    static final int UNTAGGED_INTO_POD = 2;

    static final int TCP = 6;
    static final int UDP = 17;

    private static final int TAG_SHIFT = 8;
    private static final int TAG_PRESENT = 1 << 28;
    private static final int TAG_BITS = 0xfff;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final int IPV4 = LITTLE ? 0x0008 : 0x0800;
    private static final int IPV6 = LITTLE ? 0xdd86 : 0x86dd;

    /** More fragments, or not the first: there are no ports to look up then. */
    private static final int FRAGMENT = LITTLE ? 0xff3f : 0x3fff;

    /** Version 4, a header without options. */
    private static final int PLAIN_HEADER = 0x45;

    /** FIN, SYN and RST change what the kernel knows of a connection. */
    private static final int TURNS = 0x07;

    private static final int ETHERNET = 14;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    /** Of TCP's header, up to its flags; UDP's has eight bytes. */
    private static final int TCP_FLAGS = 13;

    private static final int PORTS_BYTES = 4;

    /** Offsets in a value. */
    private static final int SEEN = 0;

    private static final int TO = 8;
    private static final int HOW = 12;
    private static final int MACS = 16;
    private static final int REMEMBERED = 28;

    private static final int CONTEXT = 6;
    private static final int ENTRY = 7;

    /** The packet's bytes, until they are in the key; then the family. */
    private static final int DATA = 8;

    private static final int FAMILY = 8;

    /** The last byte that may be read, until then; later the connection. */
    private static final int DATA_END = 9;

    private static final int CONNECTION = 9;
    private static final int FRAME = 10;

    /** Offsets in the frame: either key ends with the same three. */
    private static final int IPV4_KEY = -24;

    private static final int IPV6_KEY = -48;
    private static final int PORTS = -16;
    private static final int LINK = -12;
    private static final int PROTOCOL = -8;
    private static final int NOW = -56;
    private static final int OPTIONS = -72;

    /** struct bpf_ct_opts, as the first kernels had it. */
    private static final int OPTIONS_BYTES = 12;

    private static final int CURRENT_NAMESPACE = -1;

    private FlowProgram() {}

    /** The tag as a key has it; 0 for none. */
    static int tagged(int vlan) {
        return vlan == 0 ? 0 : TAG_PRESENT | vlan << TAG_SHIFT;
    }

    static Assembly of(BpfMap ipv4, BpfMap ipv6) {
        Assembly a = new Assembly()
                .move(CONTEXT, 1)
                .load(Width.U32, DATA, CONTEXT, Packet.DATA)
                .load(Width.U32, DATA_END, CONTEXT, Packet.DATA_END)
                .load(Width.U32, 2, CONTEXT, Packet.PROTOCOL)
                .jump(When.EQUAL, 2, IPV4, "ipv4")
                .jump(When.EQUAL, 2, IPV6, "ipv6")
                .jump("next")
                .label("ipv4");
        ipv4(a);
        lookUp(a, ipv4, IPV4_KEY);
        a.set(FAMILY, IPV4).jump("found").label("ipv6");
        ipv6(a);
        lookUp(a, ipv6, IPV6_KEY);
        a.set(FAMILY, IPV6).label("found").move(ENTRY, 0);
        keepAlive(a);
        redirect(a);
        return a.label("next").exit(Packet.NEXT);
    }

    private static void ipv4(Assembly a) {
        within(a, ETHERNET + IPV4_HEADER + PORTS_BYTES);
        a.load(Width.U8, 2, DATA, ETHERNET)
                .jump(When.NOT_EQUAL, 2, PLAIN_HEADER, "next")
                .load(Width.U16, 2, DATA, ETHERNET + 6)
                .jump(When.BITS, 2, FRAGMENT, "next");
        copy(a, Width.U64, ETHERNET + 12, IPV4_KEY);
        copy(a, Width.U32, ETHERNET + IPV4_HEADER, PORTS);
        a.load(Width.U8, 3, DATA, ETHERNET + 9);
        transport(a, "4", ETHERNET + IPV4_HEADER);
    }

    /** Extension headers make the next header something else than TCP or UDP. */
    private static void ipv6(Assembly a) {
        within(a, ETHERNET + IPV6_HEADER + PORTS_BYTES);
        for (int at = 0; at < 32; at += 8) {
            copy(a, Width.U64, ETHERNET + 8 + at, IPV6_KEY + at);
        }
        copy(a, Width.U32, ETHERNET + IPV6_HEADER, PORTS);
        a.load(Width.U8, 3, DATA, ETHERNET + 6);
        transport(a, "6", ETHERNET + IPV6_HEADER);
    }

    /** What is not in the packet's first piece is left to the stack. */
    private static void within(Assembly a, int bytes) {
        a.move(2, DATA).alu(Alu.ADD, 2, bytes).jumpRegisters(When.GREATER, 2, DATA_END, "next");
    }

    private static void copy(Assembly a, Width width, int from, int to) {
        a.load(width, 2, DATA, from).store(width, FRAME, to, 2);
    }

    /** Register 3 has the protocol. */
    private static void transport(Assembly a, String family, int offset) {
        String ports = "ports" + family;
        String untagged = "untagged" + family;
        a.jump(When.EQUAL, 3, UDP, ports).jump(When.NOT_EQUAL, 3, TCP, "next");
        within(a, offset + TCP_FLAGS + 1);
        a.load(Width.U8, 2, DATA, offset + TCP_FLAGS)
                .jump(When.BITS, 2, TURNS, "next")
                .label(ports)
                .load(Width.U32, 2, CONTEXT, Packet.LINK)
                .store(Width.U32, FRAME, LINK, 2)
                .load(Width.U32, 2, CONTEXT, Packet.VLAN_PRESENT)
                .jump(When.EQUAL, 2, 0, untagged)
                .load(Width.U32, 2, CONTEXT, Packet.VLAN_TAG)
                .alu(Alu.AND, 2, TAG_BITS)
                .alu(Alu.SHIFT_LEFT, 2, TAG_SHIFT)
                .alu(Alu.OR, 2, TAG_PRESENT)
                .add(3, 2)
                .label(untagged)
                .store(Width.U32, FRAME, PROTOCOL, 3);
    }

    private static void lookUp(Assembly a, BpfMap flows, int key) {
        a.map(1, flows)
                .move(2, FRAME)
                .alu(Alu.ADD, 2, key)
                .call(Helper.MAP_LOOKUP)
                .jump(When.EQUAL, 0, 0, "next");
    }

    /** Once in 2^10 ticks of the kernel's: between 1 s and 10 s, as it is built. */
    private static void keepAlive(Assembly a) {
        a.call(Helper.TICKS)
                .move(3, 0)
                .load(Width.U64, 2, ENTRY, SEEN)
                .subtract(3, 2)
                .alu(Alu.SHIFT_RIGHT, 3, 10)
                .jump(When.EQUAL, 3, 0, "fresh")
                .store(Width.U64, FRAME, NOW, 0)
                .storeValue(Width.U32, FRAME, OPTIONS, CURRENT_NAMESPACE)
                .storeValue(Width.U32, FRAME, OPTIONS + 4, 0)
                .storeValue(Width.U32, FRAME, OPTIONS + 8, 0)
                .load(Width.U32, 2, FRAME, PROTOCOL)
                .store(Width.U8, FRAME, OPTIONS + 8, 2)
                .move(1, CONTEXT)
                .move(2, FRAME)
                .jump(When.EQUAL, FAMILY, IPV6, "track6")
                .alu(Alu.ADD, 2, IPV4_KEY)
                .set(3, IPV4_KEY_BYTES - 8);
        track(a);
        a.jump("tracked").label("track6").alu(Alu.ADD, 2, IPV6_KEY).set(3, IPV6_KEY_BYTES - 8);
        track(a);
        a.label("tracked")
                .jump(When.EQUAL, 0, 0, "next")
                .move(CONNECTION, 0)
                .move(1, CONNECTION)
                .load(Width.U32, 2, ENTRY, REMEMBERED)
                .call(KernelFunction.BPF_CT_CHANGE_TIMEOUT)
                .move(1, CONNECTION)
                .call(KernelFunction.BPF_CT_RELEASE)
                .load(Width.U64, 2, FRAME, NOW)
                .store(Width.U64, ENTRY, SEEN, 2)
                .label("fresh");
    }

    /** The key begins as what the kernel looks connections up by: addresses and ports. */
    private static void track(Assembly a) {
        a.move(4, FRAME).alu(Alu.ADD, 4, OPTIONS).set(5, OPTIONS_BYTES).call(KernelFunction.BPF_SKB_CT_LOOKUP);
    }

    private static void redirect(Assembly a) {
        a.load(Width.U32, 2, ENTRY, HOW)
                .jump(When.EQUAL, 2, OUT, "out")
                .jump(When.EQUAL, 2, INTO_POD, "into")
                .move(1, CONTEXT)
                .call(Helper.VLAN_POP)
                .move(1, CONTEXT)
                .set(2, 0)
                .call(Helper.CHANGE_TYPE)
                .label("into")
                .move(1, CONTEXT)
                .set(2, 0)
                .move(3, ENTRY)
                .alu(Alu.ADD, 3, MACS)
                .set(4, 12)
                .set(5, 0)
                .call(Helper.STORE_BYTES)
                .load(Width.U32, 1, ENTRY, TO)
                .set(2, 0)
                .call(Helper.REDIRECT_PEER)
                .exit()
                .label("out")
                .load(Width.U32, 1, ENTRY, TO)
                .set(2, 0)
                .set(3, 0)
                .set(4, 0)
                .call(Helper.REDIRECT_NEIGH)
                .exit();
    }
}
