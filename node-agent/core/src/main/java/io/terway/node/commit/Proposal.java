package io.terway.node.commit;

import io.terway.net.Ip;
import java.util.List;

/**
 * Addresses a chooser suggests.
 *
 * @param addresses one per family asked for
 * @param fixed true when they are the pod's fixed addresses
 */
public record Proposal(List<Ip> addresses, boolean fixed) {

    public Proposal {
        addresses = List.copyOf(addresses);
    }
}
