package io.terway.linux.bpf;

/** Functions of the kernel that programs call; numbers of linux/bpf.h. */
public enum Helper {
    /** (map, key): the value, or 0. */
    MAP_LOOKUP(1),
    /** (packet, offset, from, length, flags). */
    STORE_BYTES(9),
    /** (packet, protocol big-endian, tag). */
    VLAN_PUSH(18),
    /** (packet). */
    VLAN_POP(19),
    /** (packet, offset, to, length). */
    LOAD_BYTES(26),
    /** (packet, type): 0 is for this host. */
    CHANGE_TYPE(32),
    /** (ifindex, parameters or 0, length, flags). */
    REDIRECT_NEIGH(152),
    /** (ifindex, flags). */
    REDIRECT_PEER(155),
    /** (): the kernel's ticks since boot, whose length is its build's; no call at all where programs are compiled. */
    TICKS(118);

    private final int number;

    Helper(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
