package io.terway.link;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Leadership of one service by Lease: a renewing thread, and a watchdog that ends a term on time without any I/O.
 *
 * <p>{@link #remaining} is the fence: code that changes the world asks it right before. The listener is for starting and
 * stopping work; its calls come one at a time from the watchdog thread.
 */
public final class Leadership implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Leadership.class);
    private static final Duration WATCH_EVERY = Duration.ofMillis(50);

    private static final Duration GIVE_UP_WITHIN = Duration.ofSeconds(2);
    /** Longer than any one call to the cloud, shorter than a lease. */
    private static final Duration DRAIN_WITHIN = Duration.ofSeconds(10);

    /** A read and a write that both take as long leave time for another try within the lease. */
    private static final int REQUEST_MILLIS = 4_000;

    private final Settings settings;
    private final Elector elector;
    private final Listener listener;
    private final Runnable hangUp;
    private final Thread renewer;
    private final Thread watchdog;
    private volatile boolean closed;
    private String lastFailure = "";

    /**
     * @param namespace where the Lease is
     * @param leaseName its name
     * @param advertise host:port that clients shall call
     * @param duration how long a renewal lasts
     * @param renewEvery time between renewals, and between looks of a standby
     */
    public record Settings(
            String namespace, String leaseName, String advertise, Duration duration, Duration renewEvery) {

        public Settings {
            Objects.requireNonNull(namespace);
            Objects.requireNonNull(leaseName);
            if (advertise == null || !advertise.matches("\\S+:[0-9]+")) {
                throw new IllegalArgumentException("terway.advertise is '" + advertise
                        + "'; it must be host:port, where clients reach this process");
            }
            if (renewEvery.multipliedBy(2).compareTo(duration) > 0) {
                throw new IllegalArgumentException("a lease of " + duration + " renewed every " + renewEvery
                        + " would not survive one lost renewal; renew at least twice per lease");
            }
        }

        /** Lease of 15 s, renewed every 3 s. */
        public static Settings of(String namespace, String leaseName, String advertise) {
            return new Settings(namespace, leaseName, advertise, Duration.ofSeconds(15), Duration.ofSeconds(3));
        }
    }

    /** Told when leading begins and ends. What it throws is logged; a term that cannot begin is ended. */
    public interface Listener {

        /** We lead this term from now on. */
        void elected(long term);

        /** The term has ended; mutations under way must not go on. */
        void lost(long term);
    }

    /**
     * Starts to run for leadership, by a client of its own with the given one's configuration: its threads and connections
     * serve nothing else, so that neither thousands of handshakes nor a full queue of requests delays a renewal.
     */
    public static Leadership start(KubernetesClient client, Settings settings, Listener listener) {
        KubernetesClient own = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(client.getConfiguration())
                        .withConnectionTimeout(REQUEST_MILLIS)
                        .withRequestTimeout(REQUEST_MILLIS)
                        .build())
                .withHttpClientFactory(new VertxHttpClientFactory())
                .build();
        var leases = new KubernetesLeases(own, settings.namespace(), settings.leaseName());
        return new Leadership(leases, settings, listener, own::close);
    }

    static Leadership start(LeaseStore store, Settings settings, Listener listener) {
        return new Leadership(store, settings, listener, () -> {});
    }

    private Leadership(LeaseStore store, Settings settings, Listener listener, Runnable hangUp) {
        this.settings = settings;
        this.hangUp = hangUp;
        this.listener = listener;
        String identity = settings.advertise() + "_" + UUID.randomUUID();
        elector = new Elector(store, identity, settings.duration(), System::nanoTime);
        renewer = Thread.ofPlatform().daemon().name("lease-renew").start(this::renew);
        watchdog = Thread.ofPlatform().daemon().name("lease-watch").start(this::watch);
    }

    /** True while our lease lasts. */
    public boolean isLeader() {
        return elector.term() > 0;
    }

    /** The term we lead, 0 when not leading. */
    public long term() {
        return elector.term();
    }

    /** Lease time left, zero when not leading. No mutating call may outlive it. */
    public Duration remaining() {
        return elector.remaining();
    }

    /** False when one of our threads has died: nobody would end a term on time, or renew it. Healthy when closed. */
    public boolean alive() {
        return closed || (renewer.isAlive() && watchdog.isAlive());
    }

    /**
     * Somebody has seen this term, which is above ours: the Lease was deleted or written by hand. Ends our term at once and
     * takes the Lease again above the seen one. Any thread, no I/O.
     */
    public void outrank(long seenTerm) {
        if (elector.outrank(seenTerm)) {
            LOG.errorf(
                    "lease %s: term %d was seen by others, ours is no longer valid; taking the lease again above it",
                    settings.leaseName(), seenTerm);
            LockSupport.unpark(renewer);
        } else {
            LOG.errorf(
                    "lease %s: term %d, said to be seen, is above %d and not believed; look at who sent it",
                    settings.leaseName(), seenTerm, Elector.HIGHEST_TERM);
        }
    }

    /** {@link #close(BooleanSupplier)} for a user with nothing under way. */
    @Override
    public void close() {
        close(() -> true);
    }

    /**
     * Stops leading at once, tells the listener, waits at most 10 s for what is under way, and only then gives the lease
     * up; when something still is, the lease ends by its clock, so that no successor starts beside it. Once.
     *
     * @param idle true when nothing that we began as leader is under way any more
     */
    public void close(BooleanSupplier idle) {
        if (closed) {
            return;
        }
        boolean led = elector.term() > 0;
        elector.stop();
        closed = true;
        renewer.interrupt();
        LockSupport.unpark(watchdog);
        try {
            renewer.join(GIVE_UP_WITHIN);
            watchdog.join(GIVE_UP_WITHIN);
            if (led && !renewer.isAlive() && drained(idle)) {
                Thread.ofPlatform().daemon().start(this::resign).join(GIVE_UP_WITHIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the lease then ends by its clock
        } finally {
            hangUp.run();
        }
    }

    private boolean drained(BooleanSupplier idle) throws InterruptedException {
        long deadline = System.nanoTime() + DRAIN_WITHIN.toNanos();
        while (!idle.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                LOG.warnf("lease %s is not given up: work of our term is still under way", settings.leaseName());
                return false;
            }
            Thread.sleep(WATCH_EVERY);
        }
        return true;
    }

    private void resign() {
        try {
            elector.resign();
        } catch (RuntimeException e) {
            LOG.infof("lease %s was not given up (%s); it expires by itself", settings.leaseName(), e.getMessage());
        }
    }

    private void renew() {
        while (!closed) {
            try {
                elector.step();
                lastFailure = "";
            } catch (RuntimeException e) {
                String failure = String.valueOf(e.getMessage());
                if (!failure.equals(lastFailure)) {
                    LOG.warnf("lease %s cannot be renewed: %s", settings.leaseName(), failure);
                    lastFailure = failure;
                }
            }
            LockSupport.parkNanos(settings.renewEvery().toNanos());
        }
    }

    private void watch() {
        long led = 0;
        while (true) {
            boolean last = closed;
            long term = last ? 0 : elector.term();
            if (led != 0 && term != led) {
                LOG.infof("lease %s: term %d has ended", settings.leaseName(), led);
                long ended = led;
                tell("end", ended, () -> listener.lost(ended));
                led = 0;
            }
            if (led == 0 && term != 0) {
                LOG.infof("lease %s: leading term %d as %s", settings.leaseName(), term, settings.advertise());
                led = term;
                if (!tell("beginning", term, () -> listener.elected(term))) {
                    elector.outrank(term); // half begun is not led: the term ends, a later one is tried afresh
                }
            }
            if (last) {
                return;
            }
            LockSupport.parkNanos(WATCH_EVERY.toNanos());
        }
    }

    /** The watchdog outlives whatever its listener does. */
    private boolean tell(String what, long term, Runnable call) {
        try {
            call.run();
            return true;
        } catch (RuntimeException e) {
            LOG.errorf(e, "lease %s: the %s of term %d failed", settings.leaseName(), what, term);
            return false;
        }
    }
}
