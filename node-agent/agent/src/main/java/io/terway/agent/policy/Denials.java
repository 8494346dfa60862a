package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.agent.loop.News;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.LoggedPacket;
import io.terway.linux.netlink.PacketLog;
import io.terway.net.Ip;
import io.terway.node.denial.Denial;
import io.terway.node.http.Ruling;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.DenialLog;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Judge;
import io.terway.node.policy.Judgement;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PodPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Tells which connections were denied: the kernel logs a sample of what it drops, here the pods and policies behind it are
 * found. A sample: the kernel counts all of it, and says some of it.
 */
final class Denials implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Denials.class);

    /** Netfilter log group; of the namespace, so it meets no other node. */
    static final int GROUP = 7604;

    /** Packets of each direction that the kernel tells in a second. */
    private static final int PER_SECOND = 20;

    private static final List<String> CHANGED = List.of("changed meanwhile");
    private static final List<String> UNNAMED = List.of("a policy without a name");

    private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

    private static final Duration WAIT = Duration.ofSeconds(1);

    /** A line in the log for each would fill it. */
    private static final Duration SAY_AT_MOST_EVERY = Duration.ofSeconds(1);

    private final Path netns;
    private final Senders senders;
    private final PolicyMetrics metrics;
    private final Consumer<Denial> feed;
    private final AtomicReference<Judge> judge = new AtomicReference<>(new Judge(NodePolicy.NONE));
    private final News refusals = new News();
    private final Thread thread;
    private long saidAt = System.nanoTime() - SAY_AT_MOST_EVERY.toNanos(); // guarded by this
    private volatile int perSecond;

    /** @param feed gets each denial that is told; must not block */
    Denials(Path netns, PolicyMetrics metrics, Consumer<Denial> feed) {
        this.netns = netns;
        senders = new Senders(netns);
        this.metrics = metrics;
        this.feed = feed;
        thread = Thread.ofPlatform().daemon().name("policy-denials").unstarted(this::run);
    }

    /** What the table does with denied packets, as far as this kernel can. */
    DenialLog log(NftKernel kernel) {
        DenialLog wanted = new DenialLog(GROUP, PER_SECOND);
        if (kernel.canLog(GROUP)) {
            perSecond = PER_SECOND;
            return wanted;
        }
        LOG.info("kernel: nftables cannot log to a group, so denied connections are counted and not told");
        return DenialLog.SILENT;
    }

    /** Packets of each direction that are told in a second at most; 0: none. Any thread. */
    int perSecond() {
        return perSecond;
    }

    /** Judges by the policy that is in force now. Any thread. */
    Judge judge() {
        return judge.get();
    }

    /** The pod of this node with this address. Any thread. */
    Optional<PodLife> pod(Ip ip) {
        return judge.get().pod(ip).map(PodPolicy::pod);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** The policy that is in force now. */
    void follow(NodePolicy policy) {
        judge.set(new Judge(policy));
    }

    private void run() {
        LoopGuard guard = new LoopGuard("reading denied packets");
        try {
            while (true) {
                guard.turn(this::read);
            }
        } catch (InterruptedException e) {
            LOG.debug("denied packets are read no more");
        }
    }

    private void read() throws InterruptedException {
        try (PacketLog log = PacketLog.open(netns, GROUP)) {
            while (!Thread.interrupted()) {
                log.poll(WAIT).forEach(packet -> tell(packet, () -> senders.behind(packet.in())));
            }
        } catch (KernelRefusal e) {
            if (refusals.isNew(e.getMessage())) {
                LOG.infof("denied connections are counted and not told: %s", e.getMessage());
            }
            Thread.sleep(TRY_AGAIN); // an agent that ends may still hold the group
            return;
        }
        throw new InterruptedException();
    }

    /**
     * A packet that was dropped, here or inside of a pod. Any thread.
     *
     * @param sender an address of the pod that sent it, asked when the one it bears is another's
     */
    void tell(LoggedPacket packet, Supplier<Optional<Ip>> sender) {
        Judge now = judge.get();
        Flow flow = new Flow(packet.from(), packet.to(), packet.protocol(), packet.toPort());
        if (packet.prefix().equals(DenialLog.FORGED)) {
            sender.get().map(pod -> Denial.forged(flow, pod)).ifPresent(denial -> {
                told(now, denial);
                say(now, denial);
            });
        }
        direction(packet.prefix()).ifPresent(direction -> {
            List<String> by =
                    now.judge(direction, flow) instanceof Judgement.Denied(List<String> policies) ? policies : CHANGED;
            Denial denial = new Denial(direction, flow, by.isEmpty() ? UNNAMED : by, false);
            told(now, denial);
            say(now, denial);
        });
    }

    /** A request that the HTTP proxy refused. Any thread. */
    void refused(Flow flow, Ruling.Refused ruling) {
        List<String> by = ruling.by().isEmpty() ? UNNAMED : ruling.by();
        told(judge.get(), new Denial(ruling.direction(), flow, by, true));
    }

    private void told(Judge now, Denial denial) {
        Ip own = denial.direction() == Direction.INGRESS ? denial.flow().to() : denial.sender();
        String namespace = now.pod(own).map(pod -> pod.pod().ref().namespace()).orElse("");
        metrics.denied(denial.direction(), namespace, denial.by().getFirst());
        feed.accept(denial);
    }

    private synchronized void say(Judge now, Denial denial) {
        if (System.nanoTime() - saidAt > SAY_AT_MOST_EVERY.toNanos()) {
            saidAt = System.nanoTime();
            Flow flow = denial.flow();
            LOG.infof(
                    "denied %s: %s%s to %s port %d, protocol %d, by %s",
                    denial.direction().word(),
                    name(now, denial.sender()),
                    denial.isForged() ? " as " + flow.from() : "",
                    name(now, flow.to()),
                    flow.port(),
                    flow.protocol(),
                    String.join(", ", denial.by()));
        }
    }

    static Optional<Direction> direction(String prefix) {
        for (Direction direction : Direction.values()) {
            if (direction.word().equals(prefix)) {
                return Optional.of(direction);
            }
        }
        return Optional.empty();
    }

    private static String name(Judge judge, Ip ip) {
        return judge.pod(ip).map(pod -> pod.pod().ref() + " (" + ip + ")").orElse(ip.toString());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
