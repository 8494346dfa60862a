package io.terway.ipam;

import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Fixed addresses whose pods run on a node of another shard of the zone. That shard asks for one in its PodNetInfo. The shard
 * that looks after it has its own node let go, as for a move, and then writes the other node there: from that write on the address
 * is the other shard's to bring. Neither needs to know more of the other than the PodNetInfo.
 */
final class FixedHandovers {

    private static final Duration STEP = Duration.ofMillis(300);

    /** A question that got lost is put again. */
    private static final Duration ASKS_AGAIN = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final FixedMoves moves;
    /** What other shards ask of us. */
    private final Map<PodRef, FixedAddress.Target> wanted = new HashMap<>();

    private final Deadlines<PodRef> due = new Deadlines<>();
    /** Handed over, and the API server has not shown it yet. */
    private final Set<PodRef> writing = new HashSet<>();
    /** What we ask of others. */
    private final Map<PodRef, Question> asked = new HashMap<>();

    FixedHandovers(Cluster cluster, FixedMoves moves) {
        this.cluster = cluster;
        this.moves = moves;
    }

    private record Question(FixedAddress.Target target, Instant again) {}

    /** The node of another shard that an address is at. */
    Optional<NodeName> foreign(FixedAddress known) {
        return known.place().map(FixedAddress.Place::node).filter(there -> !cluster.shard.serves(known.zone(), there));
    }

    /** Asks the shard of that node to let go; says what is waited for. */
    String ask(NodeState node, FixedAddress known, NodeName there, Instant now) {
        var target = new FixedAddress.Target(node.name, node.identity.instance());
        Question before = asked.get(known.pod());
        if (before == null || !before.target().equals(target) || !before.again().isAfter(now)) {
            asked.put(known.pod(), new Question(target, now.plus(ASKS_AGAIN)));
            cluster.say(new FixedCommand.Ask(known, target));
        }
        return "fixed address " + known.addresses() + " of pod " + known.pod() + " is at node " + there + ", which "
                + cluster.shard.other(known.zone(), there) + " serves; it was asked to let it go";
    }

    /** The pod runs on a node of ours after all; false: too late, another shard has been given its address. */
    boolean recall(PodRef pod) {
        if (writing.contains(pod)) {
            return false;
        }
        wanted.remove(pod);
        due.remove(pod);
        return true;
    }

    void seen(IpamEvent.PodNetInfoSeen seen, Instant now) {
        PodRef pod = seen.address().pod();
        FixedAddress known = cluster.fixed.of(pod).orElseThrow();
        writing.remove(pod);
        if (foreign(known).isEmpty()) {
            asked.remove(pod);
        }
        Optional<FixedAddress.Target> target = seen.wantedAt()
                .filter(wish -> cluster.shard.keeps(known) && !cluster.shard.serves(known.zone(), wish.node()));
        if (target.isEmpty()) {
            recall(pod);
        } else if (!target.get().equals(wanted.put(pod, target.get()))) {
            due.put(pod, now);
        }
    }

    void failed(PodRef pod) {
        writing.remove(pod);
    }

    void gone(PodRef pod) {
        if (cluster.fixed.of(pod).isEmpty()) {
            writing.remove(pod);
            asked.remove(pod);
            recall(pod);
        }
    }

    void tick(Instant now) {
        for (Optional<PodRef> pod = due.poll(now); pod.isPresent(); pod = due.poll(now)) {
            due.put(pod.get(), now.plus(STEP));
            FixedAddress known = cluster.fixed.of(pod.get()).orElseThrow();
            boolean nowhere = !writing.contains(pod.get())
                    && cluster.fixed.listed()
                    && moves.letGo(known, now).isEmpty();
            if (nowhere) {
                writing.add(pod.get());
                cluster.say(
                        new FixedCommand.HandOver(known, wanted.get(pod.get()), cluster.fixed.rest.left(known, now)));
            }
        }
    }

    Optional<Instant> nextDue() {
        return due.first();
    }
}
