package io.terway.eni;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.List;

/** One UnassignPrivateIpAddresses or UnassignIpv6Addresses: addresses or prefixes, never both, of one family. */
public record UnassignCall(EniId eni, Family family, List<Ip> addresses, List<Cidr> prefixes) {

    /** Most addresses one call may take off. */
    public static final int MAX_ADDRESSES = 10;

    public UnassignCall {
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        int size = addresses.size() + prefixes.size();
        if (addresses.isEmpty() == prefixes.isEmpty() || size > MAX_ADDRESSES) {
            throw new IllegalArgumentException("an unassign names 1 to " + MAX_ADDRESSES
                    + " addresses or prefixes, not " + addresses + " and " + prefixes);
        }
    }
}
