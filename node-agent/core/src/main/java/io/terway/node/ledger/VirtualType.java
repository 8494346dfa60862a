package io.terway.node.ledger;

/** The datapath of ENIIP pods; wire names are the guide's. */
public enum VirtualType {
    VETH("Veth"),
    IPVLAN("IPVlan");

    private final String wireName;

    VirtualType(String wireName) {
        this.wireName = wireName;
    }

    /** @throws IllegalArgumentException naming the text and the choices */
    public static VirtualType parse(String text) {
        for (VirtualType type : values()) {
            if (type.wireName.equalsIgnoreCase(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException("eniip_virtual_type '" + text + "' is not Veth or IPVlan");
    }

    @Override
    public String toString() {
        return wireName;
    }
}
