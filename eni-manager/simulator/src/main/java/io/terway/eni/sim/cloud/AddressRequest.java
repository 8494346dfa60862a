package io.terway.eni.sim.cloud;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.List;

/**
 * Addresses of one family that a call wants: named ones, or a number of them, or prefixes either way.
 *
 * @param count of single addresses that the cloud chooses
 * @param prefixCount of prefixes that the cloud chooses
 */
public record AddressRequest(boolean v6, List<Ip> addresses, int count, List<Cidr> prefixes, int prefixCount) {

    public AddressRequest {
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        if (count < 0 || prefixCount < 0) {
            throw new IllegalArgumentException("a negative number of addresses");
        }
    }

    public static AddressRequest count(boolean v6, int count) {
        return new AddressRequest(v6, List.of(), count, List.of(), 0);
    }

    public static AddressRequest exactly(boolean v6, List<Ip> addresses) {
        return new AddressRequest(v6, addresses, 0, List.of(), 0);
    }

    /** How much of the ENI's quota this takes. */
    public int total() {
        return addresses.size() + count + prefixes.size() + prefixCount;
    }

    public boolean mixesKinds() {
        return addresses.size() + count > 0 && prefixes.size() + prefixCount > 0;
    }
}
