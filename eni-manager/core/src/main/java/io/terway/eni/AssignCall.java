package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.List;

/** One AssignPrivateIpAddresses or AssignIpv6Addresses, by the family. */
public record AssignCall(EniId eni, Family family, What what, String clientToken) {

    /** Most addresses or prefixes one call may add to an attached ENI. */
    public static final int MAX_ADDRESSES = 10;

    /** What one call adds. The cloud takes one kind in a call. */
    public sealed interface What {

        int size();

        /** Single addresses of the cloud's choice. */
        record Addresses(int size) implements What {}

        /** These addresses. */
        record Named(List<Ip> ips) implements What {
            public Named {
                ips = List.copyOf(ips);
            }

            @Override
            public int size() {
                return ips.size();
            }
        }

        /** Blocks of the cloud's choice, /28 or /80. */
        record Prefixes(int size) implements What {}
    }

    public AssignCall {
        if (what.size() < 1 || what.size() > MAX_ADDRESSES) {
            throw new IllegalArgumentException("an assign adds 1 to " + MAX_ADDRESSES + ", not " + what);
        }
    }
}
