package io.terway.ipam;

import io.terway.net.InstanceId;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * One node as the leader sees it. A copy: it may leave the loop's thread.
 *
 * @param memory what the next leader shall know
 */
public record NodeView(
        NodeName node,
        InstanceId instance,
        ZoneId zone,
        Optional<CloudInstance> cloud,
        boolean connected,
        String quarantine,
        List<CloudEni> enis,
        List<AddressLine> addresses,
        int minPoolSize,
        int maxPoolSize,
        int capacity,
        int waiting,
        EniConfig.Mode mode,
        RememberedNode memory) {

    /** One address and where it stands. */
    public record AddressLine(EniIp address, AddressState state) {}

    static NodeView of(NodeState node, PoolTargets targets, int capacity) {
        return new NodeView(
                node.name,
                node.identity.instance(),
                node.zone,
                node.cloud,
                node.session.isPresent(),
                node.quarantine,
                node.enis.values().stream().flatMap(eni -> eni.cloud.stream()).toList(),
                node.slots.values().stream()
                        .map(slot -> new AddressLine(slot.eniIp(), slot.state))
                        .sorted((a, b) -> a.address.ip().compareTo(b.address.ip()))
                        .toList(),
                targets.min(),
                targets.max(),
                capacity,
                node.requests.waiting(),
                node.mode,
                RememberedNode.of(node));
    }
}
