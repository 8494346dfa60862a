package io.terway.policy.grpc;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyCompiler;
import io.terway.policy.Program;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Compiles after changes and streams differences: one thread owns compiler and subscribers, others only wake it. Changes
 * within the delay are compiled together.
 */
final class PolicyStreams implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PolicyStreams.class);

    /** A stream that was not ready is looked at again after this time. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final Supplier<PolicyCluster> cluster;
    private final Supplier<Boolean> synced;
    private final Duration delay;
    private final Timer compileTime;
    private final Map<Subscriber, Boolean> subscribers = new ConcurrentHashMap<>();
    private final Semaphore dirty = new Semaphore(0);
    private final Thread compiler;

    PolicyStreams(Supplier<PolicyCluster> cluster, Supplier<Boolean> synced, Duration delay, MeterRegistry metrics) {
        this.cluster = cluster;
        this.synced = synced;
        this.delay = delay;
        compileTime = metrics.timer("terway_policy_compile");
        metrics.gaugeMapSize("terway_policy_subscribers", io.micrometer.core.instrument.Tags.empty(), subscribers);
        compiler = Thread.ofPlatform().daemon().name("policy-compile").start(this::run);
    }

    void add(Subscriber subscriber) {
        subscribers.put(subscriber, true);
        wake();
    }

    void remove(Subscriber subscriber) {
        subscribers.remove(subscriber);
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
        compiler.interrupt();
    }

    private void run() {
        boolean owed = false;
        try {
            while (true) {
                if (owed) {
                    dirty.tryAcquire(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
                } else {
                    dirty.acquire();
                }
                Thread.sleep(delay);
                dirty.drainPermits();
                owed = !synced.get() || !sendAll();
            }
        } catch (InterruptedException e) {
            LOG.debug("policy compiler stopped");
        }
    }

    /** True when every live subscriber has everything. */
    private boolean sendAll() {
        subscribers.keySet().removeIf(Subscriber::gone);
        if (subscribers.isEmpty()) {
            return true;
        }
        boolean complete = true;
        long before = System.nanoTime();
        var compile = new PolicyCompiler(cluster.get());
        // The compiler gives pods with the same rules one Program object: by identity its digest is taken once.
        Map<Program, io.terway.wire.policy.v1.Program> wired = new IdentityHashMap<>();
        for (Subscriber subscriber : subscribers.keySet()) {
            if (subscriber.ready()) {
                subscriber.send(
                        compile.compile(subscriber.node()), program -> wired.computeIfAbsent(program, ProgramWire::of));
            } else {
                complete = false;
            }
        }
        compileTime.record(System.nanoTime() - before, TimeUnit.NANOSECONDS);
        return complete;
    }
}
