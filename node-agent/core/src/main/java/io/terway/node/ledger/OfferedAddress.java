package io.terway.node.ledger;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.Objects;

/**
 * An address the node may use.
 *
 * @param eni the ENI that may emit it
 * @param block the prefix it was taken from; the /32 or /128 of the address itself for a single one
 * @param number the offer that allowed it; larger wins
 */
public record OfferedAddress(Ip ip, EniId eni, Cidr block, long number) {

    public OfferedAddress {
        Objects.requireNonNull(ip, "ip");
        Objects.requireNonNull(eni, "eni");
        if (!block.contains(ip)) {
            throw new IllegalArgumentException(ip + " is not in its prefix " + block);
        }
    }

    public boolean isSingle() {
        return block.prefixLength() == ip.family().bits();
    }
}
