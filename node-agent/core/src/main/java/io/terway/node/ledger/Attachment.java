package io.terway.node.ledger;

/** How a sandbox is connected to the VPC. */
public enum Attachment {
    /** An address of an ENI that other pods use too. */
    SHARED,
    /** An ENI of its own, whose link moves into the pod. */
    EXCLUSIVE,
    /** A member ENI of its own, behind the node's trunk. */
    TRUNK_MEMBER,
    /** An address of the node's pod CIDR, reached by a VPC route entry. */
    ROUTED;

    /** True when nobody else may use the ENI. */
    public boolean takesWholeEni() {
        return switch (this) {
            case EXCLUSIVE, TRUNK_MEMBER -> true;
            case SHARED, ROUTED -> false;
        };
    }
}
