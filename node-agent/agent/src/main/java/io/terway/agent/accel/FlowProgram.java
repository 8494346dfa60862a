package io.terway.agent.accel;

import io.terway.linux.bpf.Assembly;
import io.terway.linux.bpf.Assembly.Alu;
import io.terway.linux.bpf.Assembly.When;
import io.terway.linux.bpf.Assembly.Width;
import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Helper;
import io.terway.linux.bpf.Packet;
import java.nio.ByteOrder;

/**
 * The program on the host's end of a pod's link, and on the links of ENIs. A packet whose flow is in the map goes straight
 * into the other pod or out of the ENI, where the kernel's own routes and neighbours give it its next MAC; all others, and
 * the first one of a flow in four seconds, go on to the host's stack, which so keeps the connection alive and sees how it
 * ends.
 *
 * <p>Key: addresses (16 bytes each, IPv4 mapped), link it came in by (32 bits), ports, protocol (32 bits), four zero bytes.
 * Value: when the stack last saw it (64 bits, nanoseconds), the link it goes to (32 bits), how (32 bits), destination and
 * source MAC, four zero bytes.
 */
final class FlowProgram {

    static final int KEY_BYTES = 48;
    static final int VALUE_BYTES = 32;

    /** How: by the host's end of a pod's link into the pod, with the MACs of the value. */
    static final int INTO_POD = 0;

    /** How: out of the link, as the routes say. */
    static final int OUT = 1;

    static final int TCP = 6;
    static final int UDP = 17;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final int IPV4 = LITTLE ? 0x0008 : 0x0800;
    private static final int IPV6 = LITTLE ? 0xdd86 : 0x86dd;

    /** Prefix of an IPv4 address in a key. */
    private static final int MAPPED = LITTLE ? 0xffff0000 : 0x0000ffff;

    /** More fragments, or not the first: there are no ports to look up then. */
    private static final int FRAGMENT = LITTLE ? 0xff3f : 0x3fff;

    /** Version 4, a header without options. */
    private static final int PLAIN_HEADER = 0x45;

    /** FIN, SYN and RST change what the kernel knows of a connection. */
    private static final int TURNS = 0x07;

    private static final int ETHERNET = 14;

    /** Offsets in a value. */
    private static final int SEEN = 0;

    private static final int TO = 8;
    private static final int HOW = 12;
    private static final int MACS = 16;

    private static final int CONTEXT = 6;
    private static final int ENTRY = 7;
    private static final int TRANSPORT = 8;
    private static final int NOW = 9;
    private static final int FRAME = 10;

    private static final int SOURCE = -48;
    private static final int DESTINATION = -32;
    private static final int LINK = -16;
    private static final int PORTS = -12;
    private static final int PROTOCOL = -8;
    private static final int SCRATCH = -72;

    private FlowProgram() {}

    static Assembly of(BpfMap flows) {
        Assembly a = new Assembly()
                .move(CONTEXT, 1)
                .load(Width.U32, 2, CONTEXT, Packet.PROTOCOL)
                .jump(When.EQUAL, 2, IPV4, "ipv4")
                .jump(When.EQUAL, 2, IPV6, "ipv6")
                .jump("next")
                .label("ipv4");
        ipv4(a);
        a.jump("transport").label("ipv6");
        ipv6(a);
        a.label("transport");
        transport(a);
        a.map(1, flows)
                .move(2, FRAME)
                .alu(Alu.ADD, 2, -KEY_BYTES)
                .call(Helper.MAP_LOOKUP)
                .jump(When.EQUAL, 0, 0, "next")
                .move(ENTRY, 0);
        redirect(a);
        return a.label("next").exit(Packet.NEXT);
    }

    private static void ipv4(Assembly a) {
        load(a, ETHERNET, SCRATCH, 20);
        a.load(Width.U8, 2, FRAME, SCRATCH)
                .jump(When.NOT_EQUAL, 2, PLAIN_HEADER, "next")
                .load(Width.U16, 2, FRAME, SCRATCH + 6)
                .jump(When.BITS, 2, FRAGMENT, "next")
                .load(Width.U8, 2, FRAME, SCRATCH + 9)
                .store(Width.U32, FRAME, PROTOCOL, 2);
        mapped(a, SCRATCH + 12, SOURCE);
        mapped(a, SCRATCH + 16, DESTINATION);
        a.set(TRANSPORT, ETHERNET + 20);
    }

    private static void mapped(Assembly a, int from, int to) {
        a.storeValue(Width.U64, FRAME, to, 0)
                .storeValue(Width.U32, FRAME, to + 8, MAPPED)
                .load(Width.U32, 2, FRAME, from)
                .store(Width.U32, FRAME, to + 12, 2);
    }

    /** Extension headers make the next header something else than TCP or UDP. */
    private static void ipv6(Assembly a) {
        load(a, ETHERNET + 6, SCRATCH, 1);
        a.load(Width.U8, 2, FRAME, SCRATCH).store(Width.U32, FRAME, PROTOCOL, 2);
        load(a, ETHERNET + 8, SOURCE, 32);
        a.set(TRANSPORT, ETHERNET + 40);
    }

    private static void transport(Assembly a) {
        a.load(Width.U32, 2, FRAME, PROTOCOL).jump(When.EQUAL, 2, UDP, "ports").jump(When.NOT_EQUAL, 2, TCP, "next");
        at(a, 13, SCRATCH, 1);
        a.load(Width.U8, 2, FRAME, SCRATCH).jump(When.BITS, 2, TURNS, "next").label("ports");
        at(a, 0, PORTS, 4);
        a.load(Width.U32, 2, CONTEXT, Packet.LINK)
                .store(Width.U32, FRAME, LINK, 2)
                .storeValue(Width.U32, FRAME, PROTOCOL + 4, 0);
    }

    private static void redirect(Assembly a) {
        a.call(Helper.COARSE_NANOSECONDS)
                .move(NOW, 0)
                .move(3, NOW)
                .load(Width.U64, 2, ENTRY, SEEN)
                .subtract(3, 2)
                .alu(Alu.SHIFT_RIGHT, 3, Integer.SIZE)
                .jump(When.EQUAL, 3, 0, "fresh")
                .store(Width.U64, ENTRY, SEEN, NOW)
                .jump("next")
                .label("fresh")
                .load(Width.U32, 2, ENTRY, HOW)
                .jump(When.EQUAL, 2, OUT, "out")
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

    /** Copies what lies {@code offset} bytes into the transport header. */
    private static void at(Assembly a, int offset, int to, int length) {
        a.move(1, CONTEXT).move(2, TRANSPORT).alu(Alu.ADD, 2, offset);
        copy(a, to, length);
    }

    private static void load(Assembly a, int offset, int to, int length) {
        a.move(1, CONTEXT).set(2, offset);
        copy(a, to, length);
    }

    private static void copy(Assembly a, int to, int length) {
        a.move(3, FRAME)
                .alu(Alu.ADD, 3, to)
                .set(4, length)
                .call(Helper.LOAD_BYTES)
                .jump(When.NOT_EQUAL, 0, 0, "next");
    }
}
