package io.terway.ipam;

import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.NodeName;
import java.util.Objects;
import java.util.Optional;

/**
 * What a leader writes down about a node for the next one: what the node's machine can hold, so that nothing shrinks while
 * eni-manager is silent, and how far its ledger was, so that an older copy of it is not believed.
 *
 * @param uid metadata.uid of the Node
 * @param limits of the instance type; none while unknown
 * @param enis ENIs that pods can have whole, as shown last
 * @param ledgerId the node's ledger
 * @param bootId the boot in which it was read
 * @param sequence its newest entry then, or a later one
 */
public record RememberedNode(
        NodeName node,
        String uid,
        InstanceId instance,
        InstanceType type,
        InstanceLimits limits,
        int enis,
        String ledgerId,
        String bootId,
        long sequence) {

    public RememberedNode {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(instance, "instance");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(ledgerId, "ledgerId");
        Objects.requireNonNull(bootId, "bootId");
        if (enis < 0 || sequence < 0) {
            throw new IllegalArgumentException(
                    "node " + node + ": " + enis + " ENIs at ledger sequence " + sequence + "; both must be 0 or more");
        }
    }

    static RememberedNode of(NodeState node) {
        return new RememberedNode(
                node.name,
                node.identity.uid(),
                node.identity.instance(),
                node.type,
                node.cloud.map(CloudInstance::limits).orElse(InstanceLimits.UNKNOWN),
                node.wholeEnis,
                node.identity.ledgerId(),
                node.bootId,
                node.sequence);
    }

    /** What a former leader knew of this node's machine. */
    static Optional<RememberedNode> about(Cluster cluster, NodeState node) {
        return Optional.ofNullable(cluster.remembered.get(node.name))
                .filter(known -> known.describes(node.identity) && known.type().equals(node.type));
    }

    /** It is of this machine, in this life of the Node. */
    boolean describes(NodeIdentity identity) {
        return node.equals(identity.node()) && uid.equals(identity.uid()) && instance.equals(identity.instance());
    }
}
