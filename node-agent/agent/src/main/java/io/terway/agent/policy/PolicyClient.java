package io.terway.agent.policy;

import io.grpc.Channel;
import io.grpc.Status;
import io.terway.agent.loop.LoopGuard;
import io.terway.agent.loop.News;
import io.terway.link.Address;
import io.terway.link.LeaderChannel;
import io.terway.net.NodeName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Follows policy-service: any replica, one after another, with a growing pause between rounds that failed. */
public final class PolicyClient implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PolicyClient.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** A subscription that lasted this long ended for a reason of its own: the next round starts at once. */
    private static final Duration LASTED = Duration.ofSeconds(5);

    private final NodeName node;
    private final Supplier<List<Address>> replicas;
    private final Function<Address, LeaderChannel> channels;
    private final Enforcement enforcement;
    private final News ends = new News();
    private final Thread thread;
    private volatile String status = "not connected yet";
    private volatile boolean connected;
    private volatile Optional<Channel> heard = Optional.empty();

    /**
     * @param replicas where policy-service may be, in the order to try
     * @param channels makes a channel to one replica
     */
    PolicyClient(
            NodeName node,
            Supplier<List<Address>> replicas,
            Function<Address, LeaderChannel> channels,
            Enforcement enforcement) {
        this.node = node;
        this.replicas = replicas;
        this.channels = channels;
        this.enforcement = enforcement;
        thread = Thread.ofVirtual().name("policy-subscription").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** True while a replica is heard. */
    boolean isConnected() {
        return connected;
    }

    /** The way to the replica that is heard, for what is not the subscription's. Any thread. */
    Optional<Channel> channel() {
        return heard;
    }

    /** Connected to whom, or since when and why not. For people. */
    String status() {
        return status;
    }

    private void run() {
        LoopGuard guard = new LoopGuard("following policy-service");
        try {
            Duration[] pause = {FIRST_PAUSE};
            while (true) {
                guard.turn(() -> pause[0] = round(pause[0]));
            }
        } catch (InterruptedException e) {
            LOG.debug("policy-service is followed no more");
        }
    }

    /** Tries each replica once; the pause that follows grows while none lasts. */
    private Duration round(Duration pause) throws InterruptedException {
        List<Address> all = replicas.get();
        if (all.isEmpty()) {
            ended(Status.UNAVAILABLE.withDescription("no replica has announced itself by a Lease"));
        }
        for (Address address : all) {
            long begun = System.nanoTime();
            try (LeaderChannel channel = channels.apply(address)) {
                ended(follow(channel, address));
            }
            if (System.nanoTime() - begun > LASTED.toNanos()) {
                ends.over();
                return FIRST_PAUSE;
            }
        }
        Thread.sleep(pause.dividedBy(2).plusNanos(ThreadLocalRandom.current().nextLong(pause.toNanos() / 2)));
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    private Status follow(LeaderChannel channel, Address address) throws InterruptedException {
        Optional<Channel> open = channel.current();
        if (open.isEmpty()) {
            return Status.UNAVAILABLE.withDescription("no channel to " + address);
        }
        try {
            return new Subscription(node, enforcement, revision -> {
                        connected = true;
                        heard = open;
                        status = "connected to " + address + ", revision " + revision;
                    })
                    .follow(open.get());
        } finally {
            connected = false;
            heard = Optional.empty();
        }
    }

    private void ended(Status end) {
        String why = end.getDescription() == null ? end.getCode().name() : end.getDescription();
        status = "disconnected since " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + " (" + why
                + "), enforcing what is known";
        if (ends.isNew(why)) {
            LOG.infof("no subscription with policy-service: %s", why);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
