package io.terway.agent.policy;

import io.terway.agent.loop.LoopGuard;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Keeps the kernel in step with policy: one thread owns what is known and the table; everybody else sends it what
 * happened. What has piled up is put in force together.
 */
public final class Enforcement implements PolicyGate, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Enforcement.class);

    /** How long an ADD waits for a program that policy-service is about to send (rule 19). */
    private static final Duration PROGRAM_WITHIN = Duration.ofMillis(200);

    /** How long an ADD waits for the kernel; a cold start of a large table is behind it. */
    private static final Duration KERNEL_WITHIN = Duration.ofSeconds(20);

    /** Somebody may have changed the table without our seeing it. */
    private static final Duration LOOK_EVERY = Duration.ofMinutes(5);

    /** After a failure. */
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    /** Happenings that may wait; each holds a caller, or a stream that is not read on meanwhile. */
    private static final int WAITING = 4096;

    private final BlockingQueue<Happening> inbox = new ArrayBlockingQueue<>(WAITING);
    private final Table table;
    private final BooleanSupplier connected;
    private final BooleanSupplier wanted;
    private final Thread thread;
    private long lookedAt = System.nanoTime();

    /** What the owner thread is told. */
    private sealed interface Happening {

        record Said(List<PolicyUpdate> revision, CompletableFuture<Void> inForce) implements Happening {}

        record Came(Binding pod, boolean inside, CompletableFuture<Void> inForce) implements Happening {}

        /** A pod that is judged inside has its link. */
        record Connected(SandboxKey key, CompletableFuture<Void> inForce) implements Happening {}

        record Left(SandboxKey key) implements Happening {}

        record Switched() implements Happening {}

        /** Somebody, maybe this thread, committed this generation to our table. */
        record Committed(int generation) implements Happening {}

        /** Likewise to those of these pods. */
        record CommittedInside(Map<SandboxKey, Set<Integer>> generations) implements Happening {}

        /** It is time to look at every table. */
        record LookDue() implements Happening {}
    }

    /**
     * @param connected true while policy-service is heard
     * @param wanted false when policy is switched off on this node
     */
    Enforcement(Table table, BooleanSupplier connected, BooleanSupplier wanted) {
        this.table = table;
        this.connected = connected;
        this.wanted = wanted;
        thread = Thread.ofPlatform().daemon().name("policy").unstarted(this::run);
    }

    /** Lends a thread, which first puts in force what the disk remembers of these pods. */
    public void start(Collection<Binding> bound) {
        table.recall(bound);
        follow();
        inbox.add(new Happening.Switched());
        thread.start();
    }

    /** False when policy is switched off. */
    boolean isOn() {
        return table.isOn();
    }

    /** False when policy no longer changes. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Follows the switch that turns policy as such on or off on this node. */
    public void follow() {
        if (table.switchTo(wanted.getAsBoolean())) {
            put(new Happening.Switched());
        }
    }

    /**
     * Puts a revision in force; the answer comes when the kernel has it, and at once when the revision cannot be.
     *
     * @param answer gets why it failed, or an empty text
     */
    void update(List<PolicyUpdate> revision, Consumer<String> answer) {
        CompletableFuture<Void> inForce = new CompletableFuture<>();
        inForce.whenComplete((_, failure) -> answer.accept(failure == null ? "" : failure.getMessage()));
        put(new Happening.Said(revision, inForce));
    }

    /** Our table was changed: if not by us, it is written anew. */
    void suspect(int generation) {
        put(new Happening.Committed(generation));
    }

    /** As {@link #suspect(int)}, inside of these pods. */
    void suspect(Map<SandboxKey, Set<Integer>> generations) {
        put(new Happening.CommittedInside(generations));
    }

    @Override
    public void admit(Binding pod, boolean inside) {
        follow();
        if (!table.isOn()) {
            put(new Happening.Came(pod, inside, new CompletableFuture<>()));
            return;
        }
        if (connected.getAsBoolean()) {
            table.awaitKnown(pod.pod(), PROGRAM_WITHIN);
        }
        CompletableFuture<Void> inForce = new CompletableFuture<>();
        boolean free = !inside && table.isFree(pod.pod());
        put(new Happening.Came(pod, inside, inForce));
        if (!free || pod.fixed()) { // a fixed address comes back before its last holder's connections are forgotten
            await(inForce, pod);
        }
    }

    @Override
    public void connected(Binding pod) {
        CompletableFuture<Void> inForce = new CompletableFuture<>();
        put(new Happening.Connected(pod.key(), inForce));
        if (table.isOn()) {
            await(inForce, pod);
        }
    }

    @Override
    public void leave(SandboxKey key) {
        put(new Happening.Left(key));
    }

    private static void await(CompletableFuture<Void> inForce, Binding pod) {
        try {
            inForce.get(KERNEL_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new PolicyFailure("policy of pod " + pod.pod() + " is not in force after " + KERNEL_WITHIN.toSeconds()
                    + " s; it is not connected without");
        } catch (ExecutionException e) {
            throw new PolicyFailure(e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    private void put(Happening happening) {
        boolean interrupted = false;
        while (true) {
            try {
                inbox.put(happening);
                break;
            } catch (InterruptedException e) {
                interrupted = true; // a lost happening would be a hole in the policy
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        LoopGuard guard = new LoopGuard("enforcing policy");
        try {
            while (true) {
                guard.turn(this::turn);
            }
        } catch (InterruptedException e) {
            LOG.debug("policy is enforced as it is from now on");
        }
    }

    private void turn() throws InterruptedException {
        Duration wait = table.isInStep() ? LOOK_EVERY : TRY_AGAIN;
        Happening first = inbox.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
        List<Happening> all = new ArrayList<>(first == null ? List.of() : List.of(first));
        inbox.drainTo(all);
        // Also on a node where something happens all the time.
        if (first == null || System.nanoTime() - lookedAt > LOOK_EVERY.toNanos()) {
            all.add(new Happening.LookDue());
            lookedAt = System.nanoTime();
        }
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        Map<SandboxKey, CompletableFuture<Void>> inside = new HashMap<>();
        for (Happening happening : all) {
            take(happening, waiting, inside);
        }
        try {
            Map<SandboxKey, PolicyFailure> failed = table.bringInStep();
            failed.forEach(
                    (pod, why) -> Optional.ofNullable(inside.get(pod)).ifPresent(w -> w.completeExceptionally(why)));
            waiting.forEach(w -> w.complete(null));
        } catch (PolicyFailure e) {
            LOG.errorf("policy is not in force: %s", e.getMessage());
            waiting.forEach(w -> w.completeExceptionally(e));
        } catch (RuntimeException e) {
            waiting.forEach(w -> w.completeExceptionally(e));
            throw e;
        }
    }

    private void take(
            Happening happening,
            List<CompletableFuture<Void>> waiting,
            Map<SandboxKey, CompletableFuture<Void>> inside) {
        switch (happening) {
            case Happening.Said(List<PolicyUpdate> revision, CompletableFuture<Void> inForce) -> {
                try {
                    table.learn(revision);
                    waiting.add(inForce);
                } catch (IllegalArgumentException | ClassCastException e) {
                    LOG.errorf("policy-service sent what cannot be, the policy before stays: %s", e.getMessage());
                    inForce.completeExceptionally(new PolicyFailure(e.getMessage()));
                }
            }
            case Happening.Came(Binding pod, boolean judgedInside, CompletableFuture<Void> inForce) -> {
                table.came(pod, judgedInside);
                waiting.add(inForce);
                inside.put(pod.key(), inForce);
            }
            case Happening.Connected(SandboxKey key, CompletableFuture<Void> inForce) -> {
                table.connected(key);
                waiting.add(inForce);
                inside.put(key, inForce);
            }
            case Happening.Left(SandboxKey key) -> table.left(key);
            case Happening.Switched() -> {}
            case Happening.Committed(int generation) -> table.suspect(generation);
            case Happening.CommittedInside(var generations) -> table.suspect(generations);
            case Happening.LookDue() -> table.suspect();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
