package io.terway.agent.policy;

import io.terway.net.Ip;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.RequestPorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Told what changed in the kernel. */
interface TableListener {

    /**
     * This is what the kernel is about to enforce.
     *
     * @param asked pods whose requests decide, and on which ports
     */
    void wanted(NodePolicy next, Map<Binding, RequestPorts> asked);

    /** And this inside of a pod. */
    void wantedInside(Path pod, NodePolicy next);

    /** This pod is no more. */
    void left(Path pod);

    /** This is what the kernel enforces from now on. */
    void inForce(NodePolicy now);

    /** These addresses are judged differently. */
    void changed(NodePolicy now, Set<Ip> addresses);

    /**
     * Somebody else had changed a table of ours; it is as it should be again.
     *
     * @param pod whose it is; empty: the node's
     */
    void repaired(Optional<PodLife> pod);

    /** These addresses have no pod any more. */
    void released(Set<Ip> addresses);

    /** A pod has these addresses; what an earlier holder left must be gone before it is connected. */
    void taken(Set<Ip> addresses);

    /**
     * The kernel has it all.
     *
     * @param repairs tables that strangers had changed
     */
    void inStep(int transactions, int repairs, Duration took);
}
