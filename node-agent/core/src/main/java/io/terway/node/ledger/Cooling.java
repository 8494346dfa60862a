package io.terway.node.ledger;

import io.terway.net.Ip;
import java.util.Objects;

/**
 * An address that was given back.
 *
 * @param lastHolder the pod that held it; the same life of it may have it back at once
 * @param fixed true when it was that pod's fixed address: then any life of the pod may have it back
 * @param at when it was released
 */
public record Cooling(Ip ip, PodLife lastHolder, boolean fixed, BootTime at) {

    public Cooling {
        Objects.requireNonNull(ip, "ip");
        Objects.requireNonNull(lastHolder, "lastHolder");
        Objects.requireNonNull(at, "at");
    }

    /** True when cool-down does not hold this pod back (rule 4). */
    public boolean exempts(PodLife pod) {
        return lastHolder.isSameLife(pod) || fixed && lastHolder.ref().equals(pod.ref());
    }
}
