package io.terway.node.policy;

/** Which side of a connection is judged. */
public enum Direction {
    /** The destination's side. */
    INGRESS,
    /** The source's side. */
    EGRESS;

    /** Where a packet carries the address of the other side. */
    String otherAddress() {
        return switch (this) {
            case INGRESS -> "saddr";
            case EGRESS -> "daddr";
        };
    }

    /** Where a packet carries the address of the judged pod. */
    String ownAddress() {
        return switch (this) {
            case INGRESS -> "daddr";
            case EGRESS -> "saddr";
        };
    }

    /** As it stands in names. */
    public String word() {
        return switch (this) {
            case INGRESS -> "ingress";
            case EGRESS -> "egress";
        };
    }
}
