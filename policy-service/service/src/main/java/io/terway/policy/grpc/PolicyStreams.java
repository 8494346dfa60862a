package io.terway.policy.grpc;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.terway.policy.PolicyCluster;
import io.terway.policy.compile.NodeView;
import io.terway.policy.compile.PolicyCompiler;
import io.terway.policy.k8s.Changes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Compiles changes and streams differences: one thread owns compiler and subscribers, others only leave changes and wake
 * it. Changes within the delay are compiled together.
 */
final class PolicyStreams implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PolicyStreams.class);

    /** A stream that was not ready is looked at again after this time. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final BooleanSupplier synced;
    private final Duration delay;
    private final Timer compileTime;
    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
    private final Semaphore dirty = new Semaphore(0);
    private final Changes changes = new Changes(dirty::release);
    private final PolicyCompiler compiler = new PolicyCompiler();
    private final Map<NodeView, Subscriber> open = new LinkedHashMap<>();
    private final Set<NodeView> owed = new LinkedHashSet<>();
    private volatile Map<String, Integer> sizes = Map.of();
    private CompletableFuture<PolicyCluster> snapshot = CompletableFuture.completedFuture(null); // guarded by this
    private final Thread thread;

    PolicyStreams(BooleanSupplier synced, Duration delay, MeterRegistry metrics) {
        this.synced = synced;
        this.delay = delay;
        compileTime = metrics.timer("terway_policy_compile");
        metrics.gaugeCollectionSize("terway_policy_subscribers", Tags.empty(), subscribers);
        compiler.sizes()
                .keySet()
                .forEach(what -> metrics.gauge(
                        "terway_policy_compiled",
                        Tags.of("what", what),
                        this,
                        streams -> streams.sizes.getOrDefault(what, 0)));
        thread = Thread.ofPlatform().daemon().name("policy-compile").start(this::run);
    }

    /** Where what is watched goes. */
    Changes changes() {
        return changes;
    }

    /** The cluster as the compiler has it, when it comes to it; those who ask meanwhile get the same. Any thread. */
    synchronized Future<PolicyCluster> snapshot() {
        if (snapshot.isDone()) {
            var asked = new CompletableFuture<PolicyCluster>();
            changes.put("snapshot", held -> asked.complete(held.snapshot()));
            snapshot = asked;
        }
        return snapshot;
    }

    /** False when policies are compiled no more. */
    boolean isAlive() {
        return thread.isAlive();
    }

    void add(Subscriber subscriber) {
        subscribers.add(subscriber);
        wake();
    }

    void remove(Subscriber subscriber) {
        subscribers.remove(subscriber);
        wake();
    }

    int count() {
        return subscribers.size();
    }

    /** Something changed; any thread. */
    void wake() {
        dirty.release();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                if (owed.isEmpty()) {
                    dirty.acquire();
                } else {
                    dirty.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
                }
                Thread.sleep(delay);
                dirty.drainPermits();
                step();
            }
        } catch (InterruptedException e) {
            LOG.debug("policy compiler stopped");
        } catch (RuntimeException e) {
            LOG.error("the compiler failed and what it holds may be wrong: this replica needs a restart", e);
        }
    }

    private void step() {
        long before = System.nanoTime();
        changes.take().forEach(change -> change.accept(compiler));
        if (!synced.getAsBoolean()) {
            return; // a program could lack policies
        }
        subscribers.removeIf(Subscriber::gone);
        open.entrySet().removeIf(entry -> {
            boolean gone = !subscribers.contains(entry.getValue());
            if (gone) {
                entry.getValue().close(compiler);
                owed.remove(entry.getKey());
            }
            return gone;
        });
        for (Subscriber subscriber : subscribers) {
            if (!subscriber.following()) {
                open.put(subscriber.open(compiler), subscriber);
            }
        }
        owed.addAll(compiler.changedViews());
        var wire = new DeltaWire();
        owed.removeIf(view -> {
            Subscriber subscriber = open.get(view);
            if (subscriber != null && subscriber.ready()) {
                send(subscriber, wire);
                return true;
            }
            return subscriber == null;
        });
        sizes = compiler.sizes();
        compileTime.record(System.nanoTime() - before, TimeUnit.NANOSECONDS);
    }

    private void send(Subscriber subscriber, DeltaWire wire) {
        if (!subscriber.send(wire)) {
            LOG.debugf("the stream of node %s ended while it was written to", subscriber.node());
            remove(subscriber);
        }
    }
}
