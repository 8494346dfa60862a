package io.terway.linux.bpf;

/** Offsets in a program's view of the packet (struct __sk_buff), and what it may return. */
public final class Packet {

    public static final int PROTOCOL = 16;
    public static final int VLAN_PRESENT = 20;
    public static final int VLAN_TAG = 24;
    public static final int INGRESS_LINK = 36;
    public static final int LINK = 40;
    public static final int DATA = 76;
    public static final int DATA_END = 80;

    /** Let the next program decide. */
    public static final int NEXT = -1;

    public static final int PASS = 0;
    public static final int DROP = 2;

    private Packet() {}
}
