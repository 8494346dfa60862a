package io.terway.node.ledger;

/** How pods get their addresses; wire names are the guide's. */
public enum NetworkMode {
    ENIIP("ENIIP"),
    ENI("ENI"),
    TRUNK("Trunk"),
    VPC("VPC");

    private final String wireName;

    NetworkMode(String wireName) {
        this.wireName = wireName;
    }

    /** @throws IllegalArgumentException naming the text and the choices */
    public static NetworkMode parse(String text) {
        for (NetworkMode mode : values()) {
            if (mode.wireName.equalsIgnoreCase(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("network_mode '" + text + "' is not ENIIP, ENI, Trunk or VPC");
    }

    /** How a pod that asks for nothing special is connected. */
    public Attachment attachment() {
        return switch (this) {
            case ENIIP -> Attachment.SHARED;
            case ENI -> Attachment.EXCLUSIVE;
            case TRUNK -> Attachment.TRUNK_MEMBER;
            case VPC -> Attachment.ROUTED;
        };
    }

    @Override
    public String toString() {
        return wireName;
    }
}
