package io.terway.ipam;

/** How a sandbox is connected to the VPC; also what the ENIs of a node are kept for. */
public enum Attachment {
    /** An address of an ENI that other pods use too. */
    SHARED,
    /** An ENI of its own. */
    EXCLUSIVE,
    /** A member ENI of its own behind the node's trunk. */
    TRUNK_MEMBER,
    /** An address of the node's pod CIDR, reached by a VPC route entry. */
    ROUTED;

    /** True when the pod gets the whole ENI, and with it security groups of its own. */
    public boolean wholeEni() {
        return switch (this) {
            case EXCLUSIVE, TRUNK_MEMBER -> true;
            case SHARED, ROUTED -> false;
        };
    }
}
