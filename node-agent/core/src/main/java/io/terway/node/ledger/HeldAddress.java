package io.terway.node.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.Objects;

/** An address a sandbox holds, with the ENI that emits it. */
public record HeldAddress(Ip ip, EniId eni) {

    public HeldAddress {
        Objects.requireNonNull(ip, "ip");
        Objects.requireNonNull(eni, "eni");
    }
}
