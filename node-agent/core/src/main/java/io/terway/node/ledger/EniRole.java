package io.terway.node.ledger;

import io.terway.net.EniId;
import java.util.Objects;

/** What an ENI is for. */
public sealed interface EniRole {

    /** Came with the instance: its addresses are the node's. */
    record Primary() implements EniRole {}

    /** Shared by pods, or given to one pod. */
    record Secondary() implements EniRole {}

    /** Carries member ENIs; its own addresses are shared like a secondary's. */
    record Trunk() implements EniRole {}

    /**
     * One pod's ENI behind a trunk. It has no link of its own on the node.
     *
     * @param trunk the ENI whose link carries it
     * @param vlan its tag there
     */
    record Member(EniId trunk, int vlan) implements EniRole {

        private static final int MAX_VLAN = 4094;

        public Member {
            Objects.requireNonNull(trunk, "trunk");
            if (vlan < 1 || vlan > MAX_VLAN) {
                throw new IllegalArgumentException("VLAN id " + vlan + " of a member is not in 1.." + MAX_VLAN);
            }
        }
    }

    /** True when a sandbox can be connected through such an ENI in this way. */
    default boolean carries(Attachment attachment) {
        return switch (attachment) {
            case SHARED -> this instanceof Secondary || this instanceof Trunk;
            case EXCLUSIVE -> this instanceof Secondary;
            case TRUNK_MEMBER -> this instanceof Member;
            case ROUTED -> this instanceof Primary;
        };
    }
}
