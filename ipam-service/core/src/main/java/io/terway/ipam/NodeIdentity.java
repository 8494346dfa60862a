package io.terway.ipam;

import io.terway.net.InstanceId;
import io.terway.net.NodeName;
import java.util.Objects;

/**
 * Who a node is (rule 5): all four agree or the node is quarantined.
 *
 * @param node the Kubernetes name
 * @param uid metadata.uid of the Node
 * @param instance the ECS instance, from instance metadata
 * @param ledgerId random id made with the ledger
 */
public record NodeIdentity(NodeName node, String uid, InstanceId instance, String ledgerId) {

    public NodeIdentity {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(instance, "instance");
        if (uid.isEmpty() || ledgerId.isEmpty()) {
            throw new IllegalArgumentException("node_uid and ledger_id of node " + node + " must be set");
        }
    }

    /** The same machine in the same Kubernetes life, whatever its ledger. */
    boolean sameMachine(NodeIdentity other) {
        return node.equals(other.node) && uid.equals(other.uid) && instance.equals(other.instance);
    }
}
