package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.Objects;

/**
 * One address and the ENI that may emit it.
 *
 * @param ip the address
 * @param eni the ENI it is assigned to
 */
public record EniIp(Ip ip, EniId eni) {

    public EniIp {
        Objects.requireNonNull(ip, "ip");
        Objects.requireNonNull(eni, "eni");
    }
}
