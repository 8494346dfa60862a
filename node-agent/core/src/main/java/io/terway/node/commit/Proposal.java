package io.terway.node.commit;

import io.terway.net.Ip;
import io.terway.node.ledger.Attachment;
import java.util.List;
import java.util.Objects;

/**
 * Addresses a chooser suggests.
 *
 * @param addresses one per family asked for
 * @param fixed true when they are the pod's fixed addresses
 * @param attachment how the sandbox is to be connected
 */
public record Proposal(List<Ip> addresses, boolean fixed, Attachment attachment) {

    public Proposal {
        Objects.requireNonNull(attachment, "attachment");
        addresses = List.copyOf(addresses);
    }

    /** Addresses of an ENI that others use too. */
    public Proposal(List<Ip> addresses, boolean fixed) {
        this(addresses, fixed, Attachment.SHARED);
    }
}
