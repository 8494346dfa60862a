package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.List;

/**
 * One AssignPrivateIpAddresses or AssignIpv6Addresses, by the family.
 *
 * @param count addresses of the cloud's choice; 0 when {@code addresses} names them
 */
public record AssignCall(EniId eni, Family family, int count, List<Ip> addresses, String clientToken) {

    /** Most addresses one call may add to an attached ENI. */
    public static final int MAX_ADDRESSES = 10;

    public AssignCall {
        addresses = List.copyOf(addresses);
        int size = Math.max(count, addresses.size());
        if (count > 0 == !addresses.isEmpty() || size > MAX_ADDRESSES) {
            throw new IllegalArgumentException("an assign names a count or addresses, 1 to " + MAX_ADDRESSES + ", not "
                    + count + " and " + addresses);
        }
    }
}
