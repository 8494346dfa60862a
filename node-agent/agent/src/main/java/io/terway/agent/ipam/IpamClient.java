package io.terway.agent.ipam;

import io.grpc.Channel;
import io.grpc.Status;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.loop.News;
import io.terway.agent.node.NodeIdentity;
import io.terway.agent.pods.PodCache;
import io.terway.agent.sandbox.Supply;
import io.terway.link.Address;
import io.terway.link.LeaderChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Keeps a session with whoever leads ipam-service: one after another, with a growing pause between failures. */
public final class IpamClient implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(IpamClient.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** A person must look first; asking every few seconds only fills both logs. */
    private static final Duration LONGEST_PAUSE_IN_QUARANTINE = Duration.ofSeconds(30);

    /** The contract's mark of this refusal; see ipam.proto. */
    static final String QUARANTINED = "quarantined:";

    private final Function<NodeIdentity, LeaderChannel> channels;
    private final Supplier<NodeIdentity> identities;
    private final Ledger ledger;
    private final BootClock clock;
    private final PodCache pods;
    private final Supply supply;
    private final IpamLink link;
    private final Foresight foresight;
    private final Reports reports;
    private final Quarantine quarantine;
    private final Rebuilding rebuilding;
    private final News ends = new News();
    private final Thread thread;
    private volatile String disconnected;
    private boolean answersNoRebuild; // the thread's own

    /**
     * @param channels makes the channel to the ipam-service that serves the node
     * @param identities who this node is; may block for instance metadata
     */
    public IpamClient(
            Function<NodeIdentity, LeaderChannel> channels,
            Supplier<NodeIdentity> identities,
            Ledger ledger,
            BootClock clock,
            PodCache pods,
            Supply supply,
            IpamLink link,
            Foresight foresight,
            Reports reports,
            Quarantine quarantine,
            Rebuilding rebuilding) {
        this.channels = channels;
        this.identities = identities;
        this.ledger = ledger;
        this.clock = clock;
        this.pods = pods;
        this.supply = supply;
        this.link = link;
        this.foresight = foresight;
        this.reports = reports;
        this.quarantine = quarantine;
        this.rebuilding = rebuilding;
        this.disconnected = since("not connected yet");
        this.thread = Thread.ofVirtual().name("ipam-session").unstarted(this::run);
    }

    /** Lends a thread. */
    public void start() {
        thread.start();
    }

    /** Connected to whom, or since when and why not. For people. */
    public String status() {
        return link.peer().orElse(disconnected);
    }

    /** False once no session will follow. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                follow();
            } catch (RuntimeException e) { // the top of the loop: no kubeconfig, no certificate, a bug
                disconnected = since(e.getMessage());
                LOG.errorf(e, "no session with ipam-service, tried again in %d s", LONGEST_PAUSE.toSeconds());
                LockSupport.parkNanos(LONGEST_PAUSE.toNanos());
            }
        }
    }

    private void follow() {
        NodeIdentity identity = identities.get();
        try (LeaderChannel channel = channels.apply(identity)) {
            Duration pause = FIRST_PAUSE;
            while (!Thread.currentThread().isInterrupted()) {
                long begun = System.nanoTime();
                Status end = converse(channel, identity);
                boolean lasted = System.nanoTime() - begun > LONGEST_PAUSE.toNanos();
                note(end, lasted);
                pause = next(pause, lasted, !quarantine.reason().isEmpty());
                Thread.sleep(jittered(pause));
                channel.refresh();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(Status end, boolean lasted) {
        String why = describe(end);
        if (end.getCode() == Status.Code.FAILED_PRECONDITION && why.startsWith(QUARANTINED)) {
            quarantine.impose(why);
            supply.changed(); // ADDs that wait for an address must not get one any more
        }
        disconnected = since(why);
        if (lasted) {
            ends.over();
        }
        if (ends.isNew(why)) {
            LOG.infof("no session with ipam-service: %s", why);
        }
    }

    /** How long to wait for the next session, before the jitter. */
    static Duration next(Duration pause, boolean lasted, boolean quarantined) {
        if (lasted) {
            return FIRST_PAUSE;
        }
        return min(pause.multipliedBy(2), quarantined ? LONGEST_PAUSE_IN_QUARANTINE : LONGEST_PAUSE);
    }

    private Status converse(LeaderChannel channel, NodeIdentity identity) throws InterruptedException {
        Optional<Channel> current = channel.current();
        if (current.isEmpty()) {
            return Status.UNAVAILABLE.withDescription("nobody holds the Lease terway-ipam");
        }
        String peer = channel.address().map(Address::toString).orElse("?");
        try {
            boolean unbelieved = !quarantine.reason().isEmpty();
            boolean damaged = !ledger.quarantine().isEmpty();
            Status end = new IpamSession(ledger, clock, pods, supply, link, foresight, reports, quarantine, rebuilding)
                    .run(current.get(), peer, identity, damaged || unbelieved && !answersNoRebuild);
            answersNoRebuild = end.getCode() == Status.Code.UNIMPLEMENTED;
            return end;
        } catch (IllegalArgumentException | IllegalStateException e) {
            LOG.errorf(e, "ipam-service at %s sent what cannot be", peer);
            return Status.INTERNAL.withDescription(e.getMessage());
        }
    }

    private static String describe(Status status) {
        return status.getDescription() == null ? status.getCode().name() : status.getDescription();
    }

    private static String since(String why) {
        return "disconnected since " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + " (" + why
                + "), choosing locally";
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** Half to the whole of it, so that a cluster's agents do not return in step. */
    private static Duration jittered(Duration pause) {
        return pause.dividedBy(2).plusNanos(ThreadLocalRandom.current().nextLong(pause.toNanos() / 2));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
