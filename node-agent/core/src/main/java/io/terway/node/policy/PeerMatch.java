package io.terway.node.policy;

import io.terway.net.Family;
import java.util.List;
import java.util.Objects;

/**
 * The other side is in a set, or outside of one.
 *
 * @param set id of the set
 * @param outside true: in none of its elements
 * @param families for {@code outside} only: what is meant; both otherwise
 */
public record PeerMatch(String set, boolean outside, List<Family> families) {

    public PeerMatch {
        Objects.requireNonNull(set, "set");
        families = List.copyOf(families);
    }

    /** In the set. */
    public static PeerMatch in(String set) {
        return new PeerMatch(set, false, List.of(Family.values()));
    }
}
