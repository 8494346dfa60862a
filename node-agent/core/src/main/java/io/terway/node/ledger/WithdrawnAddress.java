package io.terway.node.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.Objects;

/**
 * An address the node must not use until it is offered again under a higher number.
 *
 * @param eni the ENI it was on
 * @param number of the withdrawal
 */
public record WithdrawnAddress(Ip ip, EniId eni, long number) {

    public WithdrawnAddress {
        Objects.requireNonNull(ip, "ip");
        Objects.requireNonNull(eni, "eni");
    }
}
