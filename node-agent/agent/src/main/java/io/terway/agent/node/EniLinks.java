package io.terway.agent.node;

import io.terway.agent.apply.EniResult;
import io.terway.agent.apply.NodeResult;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.loop.LoopGuard;
import io.terway.agent.loop.News;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.Supply;
import io.terway.net.EniId;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedEni;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Brings the links of offered ENIs up as they appear: the cloud hot-plugs the device some time after the offer. Looks
 * often while one is missing, else now and then.
 */
public final class EniLinks implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EniLinks.class);

    private static final Duration WHILE_MISSING = Duration.ofMillis(100);

    /** A link that has not come within a minute comes when somebody has mended something. */
    private static final Duration AFTER = Duration.ofMinutes(1);

    private static final Duration WHILE_MISSING_LONG = Duration.ofSeconds(5);
    private static final Duration OTHERWISE = Duration.ofSeconds(30);

    private final Ledger ledger;
    private final Datapath datapath;
    private final Supply supply;
    private final Map<EniId, EniResult.Ready> ready = new ConcurrentHashMap<>();
    private final Map<EniId, Missing> missing = new HashMap<>(); // the thread's own
    private volatile Set<EniId> inPods = Set.of(); // when the agent started, or its ledger was made anew
    private final News nodeFailures = new News();
    private NodeNetwork node; // the thread's own, as is the next; null before the first success
    private long nodeSeen;
    private Optional<NodeConfig> lookedUnder = Optional.empty(); // the thread's own
    private final Thread thread;

    /** A link that is not up: since when (System.nanoTime), and what was said about it. */
    private record Missing(long since, News news) {}

    public EniLinks(Ledger ledger, Datapath datapath, Supply supply) {
        this.ledger = ledger;
        this.datapath = datapath;
        this.supply = supply;
        adopt();
        this.thread = Thread.ofPlatform().daemon().name("eni-links").unstarted(this::run);
    }

    /** Takes the ENIs that pods have whole by now for seen: with a ledger that is new here, they were before. */
    public void adopt() {
        inPods = ledger.read(state -> state.enis().stream()
                .map(OfferedEni::id)
                .filter(eni -> isTaken(state, eni))
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** Lends a thread. */
    public void start() {
        thread.start();
    }

    /** The ENI's link, once it is up and routes; {@link Supply} tells of a change. */
    public Optional<EniResult.Ready> link(EniId eni) {
        return Optional.ofNullable(ready.get(eni));
    }

    /**
     * True when a sandbox can be connected: the ENI's link is up, or its trunk's. A routed pod needs none. The link of an
     * ENI that a sandbox has alone was seen before it went there.
     */
    public boolean isReady(OfferedEni eni) {
        return switch (eni.role()) {
            case EniRole.Primary() -> true;
            case EniRole.Member(EniId trunk, int _) -> ready.containsKey(trunk);
            case EniRole.Secondary(), EniRole.Trunk() -> ready.containsKey(eni.id()) || inPods.contains(eni.id());
        };
    }

    /** The ENI as the datapath needs it. */
    public static EniAttachment attachment(OfferedEni eni) {
        return new EniAttachment(eni.id(), eni.mac(), eni.subnets());
    }

    /** False once no link is brought up any more. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("bringing links of ENIs up");
        try {
            while (!Thread.currentThread().isInterrupted()) {
                guard.turn(this::turn);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() {
        long seen = supply.version();
        lookOnce();
        long now = System.nanoTime();
        Optional<Duration> pause = missing.values().stream()
                .map(m -> pause(Duration.ofNanos(now - m.since())))
                .min(Comparator.naturalOrder());
        if (pause.isPresent()) {
            supply.await(seen, pause.get());
        } else {
            awaitOther(seen);
        }
    }

    /** How soon to look again for a link that has been missing for so long. */
    static Duration pause(Duration missing) {
        return missing.compareTo(AFTER) < 0 ? WHILE_MISSING : WHILE_MISSING_LONG;
    }

    /** Sleeps until an ENI is offered that is not up, the node is configured anew, or it is time to look again. */
    private void awaitOther(long seen) {
        long until = System.nanoTime() + OTHERWISE.toNanos();
        long version = seen;
        while (!Thread.currentThread().isInterrupted()) {
            Duration left = Duration.ofNanos(until - System.nanoTime());
            if (left.isNegative()
                    || !lookedUnder.equals(ledger.read(state -> state.config()))
                    || !ready.keySet()
                            .containsAll(offered().stream().map(OfferedEni::id).toList())) {
                return;
            }
            supply.await(version, left);
            version = supply.version();
        }
    }

    /**
     * Looks at the node as a whole, and at every ENI if asked to, and mends what somebody has damaged. Any thread.
     *
     * @param enis also at the links and tables of ENIs
     */
    public void mend(boolean enis) {
        ledger.read(state -> state.config()).ifPresent(config -> apply(network(config)));
        if (enis) {
            for (OfferedEni eni : offered()) {
                if (ready.containsKey(eni.id())) {
                    mend(eni);
                }
            }
        }
    }

    private void mend(OfferedEni eni) {
        switch (datapath.ensureEni(attachment(eni))) {
            case EniResult.Ready _ -> {}
            case EniResult.Absent() -> {
                ready.remove(eni.id());
                supply.changed();
            }
            case EniResult.Failed failed ->
                LOG.warnf("%s: %s: %s; it is tried again", eni.id(), failed.step(), failed.reason());
        }
    }

    /** The node as a whole, then one look at every ENI. */
    private void lookOnce() {
        lookedUnder = ledger.read(state -> state.config());
        lookedUnder.ifPresent(this::ensureNode);
        List<OfferedEni> offered = offered();
        List<EniId> known =
                ledger.read(state -> state.enis().stream().map(OfferedEni::id).toList());
        ready.keySet().retainAll(known);
        missing.keySet().retainAll(offered.stream().map(OfferedEni::id).toList());
        for (OfferedEni eni : offered) {
            switch (datapath.ensureEni(attachment(eni))) {
                case EniResult.Ready up -> {
                    missing.remove(eni.id());
                    if (!up.equals(ready.put(eni.id(), up))) {
                        LOG.infof("%s is %s, table %d", eni.id(), up.link(), up.table());
                        supply.changed();
                    }
                }
                case EniResult.Absent() -> miss(eni.id());
                case EniResult.Failed failed -> {
                    if (miss(eni.id()).isNew(failed.step() + ": " + failed.reason())) {
                        LOG.warnf("%s: %s: %s; it is tried again", eni.id(), failed.step(), failed.reason());
                    }
                }
            }
        }
    }

    private void ensureNode(NodeConfig config) {
        NodeNetwork wanted = network(config);
        if (!wanted.equals(node) || System.nanoTime() - nodeSeen >= OTHERWISE.toNanos()) {
            if (apply(wanted)) {
                node = wanted;
                nodeSeen = System.nanoTime();
            }
        }
    }

    private static NodeNetwork network(NodeConfig config) {
        return new NodeNetwork(
                config.families(),
                config.options().podCidrs(),
                config.options().snatCidrs(),
                config.options().symmetricRouting() || config.options().nativeHostPort());
    }

    private boolean apply(NodeNetwork wanted) {
        return switch (datapath.ensureNode(wanted)) {
            case NodeResult.Ready(List<String> changed) -> {
                nodeFailures.over();
                if (!changed.isEmpty()) {
                    LOG.infof("node: %s", String.join("; ", changed));
                }
                yield true;
            }
            case NodeResult.Failed failed -> {
                if (nodeFailures.isNew(failed.step() + ": " + failed.reason())) {
                    LOG.warnf("node: %s: %s; it is tried again", failed.step(), failed.reason());
                }
                yield false;
            }
        };
    }

    private News miss(EniId eni) {
        ready.remove(eni);
        return missing.computeIfAbsent(eni, _ -> new Missing(System.nanoTime(), new News()))
                .news();
    }

    private List<OfferedEni> offered() {
        return ledger.read(state ->
                state.enis().stream().filter(eni -> isLookedFor(state, eni)).toList());
    }

    /** Those whose link the node should have: not the node's own, not one behind a trunk, not one that went into a pod. */
    private boolean isLookedFor(LedgerState state, OfferedEni eni) {
        return switch (eni.role()) {
            case EniRole.Primary(), EniRole.Member(EniId _, int _) -> false;
            case EniRole.Secondary(), EniRole.Trunk() -> !isTaken(state, eni.id()) || !isReady(eni);
        };
    }

    private static boolean isTaken(LedgerState state, EniId eni) {
        return state.user(eni).filter(user -> user.attachment().takesWholeEni()).isPresent();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
