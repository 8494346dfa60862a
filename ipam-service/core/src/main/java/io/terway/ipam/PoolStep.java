package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.List;

/** One thing a pool needs. */
public sealed interface PoolStep {

    /** Add addresses to an ENI. */
    record Grow(EniId eni, int addresses) implements PoolStep {}

    /** Create an ENI that brings this many addresses, its own counted. */
    record NewEni(int addresses) implements PoolStep {}

    /** Ask the node to let go of these addresses. */
    record Shrink(List<Ip> addresses) implements PoolStep {

        public Shrink {
            addresses = List.copyOf(addresses);
        }
    }

    /** Ask the node to let go of an ENI with all its addresses. */
    record DropEni(EniId eni) implements PoolStep {}
}
