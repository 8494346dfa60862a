package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.Objects;
import java.util.Optional;

/**
 * One address and the ENI that may emit it.
 *
 * @param ip the address
 * @param eni the ENI it is assigned to
 * @param block the prefix, or the node's pod CIDR, that it was taken from; empty for a single address
 */
public record EniIp(Ip ip, EniId eni, Optional<Cidr> block) {

    public EniIp {
        Objects.requireNonNull(ip, "ip");
        Objects.requireNonNull(eni, "eni");
        Objects.requireNonNull(block, "block");
        if (block.isPresent() && !block.get().contains(ip)) {
            throw new IllegalArgumentException("address " + ip + " is not in its prefix " + block.get());
        }
    }

    /** A single address. */
    public EniIp(Ip ip, EniId eni) {
        this(ip, eni, Optional.empty());
    }

    /** Without the block, which not every message repeats. */
    EniIp bare() {
        return block.isEmpty() ? this : new EniIp(ip, eni);
    }
}
