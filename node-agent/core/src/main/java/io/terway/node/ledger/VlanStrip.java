package io.terway.node.ledger;

/** Where a trunk member's tag comes from and goes to; wire names are the guide's. */
public enum VlanStrip {
    /** A veth pair; the tag is pushed and popped on the trunk's link. */
    FILTER,
    /** A VLAN sub-interface of the trunk inside the pod. */
    VLAN;

    /**
     * @param text empty reads as filter
     * @throws IllegalArgumentException naming the text and the choices
     */
    public static VlanStrip parse(String text) {
        return switch (text) {
            case "", "filter" -> FILTER;
            case "vlan" -> VLAN;
            default -> throw new IllegalArgumentException("vlan_strip_type '" + text + "' is not filter or vlan");
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
