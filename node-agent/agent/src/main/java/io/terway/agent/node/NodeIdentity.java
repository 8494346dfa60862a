package io.terway.agent.node;

import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import io.terway.wire.ipam.v1.Hello;
import java.util.List;
import java.util.Objects;

/**
 * Who this node is.
 *
 * @param uid metadata.uid of the Node
 * @param region of the cloud
 * @param addresses the node's own, per family
 */
public record NodeIdentity(
        NodeName name,
        String uid,
        InstanceId instance,
        InstanceType type,
        ZoneId zone,
        String region,
        List<Ip> addresses) {

    /** Of the agent, for people. */
    public static final String AGENT_VERSION = "0.1.0";

    public NodeIdentity {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(instance, "instance");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(zone, "zone");
        addresses = List.copyOf(addresses);
        if (uid.isEmpty() || region.isEmpty() || addresses.isEmpty()) {
            throw new IllegalArgumentException("node " + name + " needs a UID, a region and an address");
        }
    }

    /** The part of Hello that does not change. */
    public Hello hello(String bootId) {
        return Hello.newBuilder()
                .setNodeName(name.value())
                .setNodeUid(uid)
                .setInstanceId(instance.value())
                .setBootId(bootId)
                .setZone(zone.value())
                .setInstanceType(type.value())
                .setRegion(region)
                .setAgentVersion(AGENT_VERSION)
                .addAllNodeAddresses(addresses.stream().map(Ip::toString).toList())
                .build();
    }
}
