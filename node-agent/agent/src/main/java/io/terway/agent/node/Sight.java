package io.terway.agent.node;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.node.ledger.OfferedAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What instance metadata said.
 *
 * @param until when it is asked again, since boot
 * @param listed addresses by ENI; of one that is missing here metadata knows nothing
 */
record Sight(Duration until, Map<EniId, List<Cidr>> listed) {

    static final Sight NONE = new Sight(Duration.ZERO, Map.of());

    Sight {
        listed = Map.copyOf(listed);
    }

    boolean knows(EniId eni) {
        return listed.containsKey(eni);
    }

    boolean lists(OfferedAddress address) {
        return listed.getOrDefault(address.eni(), List.of()).stream().anyMatch(block -> block.contains(address.ip()));
    }
}
