package io.terway.agent.sandbox;

import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniRequest;
import io.terway.net.NodeName;
import io.terway.node.ledger.BootTime;
import java.time.Duration;

/** How long one ADD still waits: until its deadline, or until a DEL ends it. One thread. */
final class Patience {

    /** The plugin waits 60 s from its start; the answer must be there before. */
    private static final Duration ADD_WITHIN = Duration.ofSeconds(55);

    private final CniRequest request;
    private final NodeName node;
    private final Lanes lanes;
    private final Supply supply;
    private final long deadline;

    Patience(CniRequest request, NodeName node, Lanes lanes, Supply supply, BootTime now) {
        this.request = request;
        this.node = node;
        this.lanes = lanes;
        this.supply = supply;
        Duration spent = now.sinceBoot().minus(request.started());
        Duration left = ADD_WITHIN.minus(spent.isNegative() ? Duration.ZERO : spent);
        this.deadline = System.nanoTime() + left.toNanos();
    }

    NodeName node() {
        return node;
    }

    Duration left() {
        long nanos = deadline - System.nanoTime();
        return nanos > 0 ? Duration.ofNanos(nanos) : Duration.ZERO;
    }

    /** Waits for a change since {@code seen}, at most {@code wait}; {@code why} is the answer if time runs out. */
    void await(long seen, Duration wait, String why) {
        require(why);
        Duration left = left();
        supply.await(seen, wait.compareTo(left) < 0 ? wait : left);
        require(why);
    }

    /** @throws CniFailure when time is up, the sandbox was deleted, or the agent stops */
    void require(String why) {
        lanes.requireAlive(request);
        if (Thread.currentThread().isInterrupted()) {
            throw new CniFailure(CniCode.TRY_LATER, "the node agent is stopping");
        }
        if (!left().isPositive()) {
            throw new CniFailure(
                    CniCode.TRY_LATER, "gave up after " + ADD_WITHIN.toSeconds() + " s on node " + node + ": " + why);
        }
    }
}
