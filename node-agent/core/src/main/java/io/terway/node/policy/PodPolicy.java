package io.terway.node.policy;

import io.terway.net.Ip;
import io.terway.node.ledger.PodLife;
import java.util.List;
import java.util.Objects;

/** A pod of this node with its addresses and what holds it. */
public record PodPolicy(PodLife pod, List<Ip> addresses, Hold ingress, Hold egress) {

    public PodPolicy {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(ingress, "ingress");
        Objects.requireNonNull(egress, "egress");
        addresses = List.copyOf(addresses);
    }

    public Hold hold(Direction direction) {
        return switch (direction) {
            case INGRESS -> ingress;
            case EGRESS -> egress;
        };
    }

    /** True when some direction is judged. */
    public boolean isHeld() {
        return !(ingress instanceof Hold.Free && egress instanceof Hold.Free);
    }
}
