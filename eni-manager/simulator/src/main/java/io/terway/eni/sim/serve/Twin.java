package io.terway.eni.sim.serve;

import io.terway.eni.sim.VpcObserver;
import io.terway.eni.sim.VpcView;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.rpc.WireRequest;
import io.terway.net.EniId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The cloud behind its lock, and the thread that shows its changes to the data plane and writes them to the state file.
 * Answers that depend on either wait for it. All methods may be called from any thread.
 */
public final class Twin implements AutoCloseable {

    /** How long the thread sleeps at most, and how long after a failure of the data plane it tries again. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private record Waiter(long revision, Runnable go) {}

    /** What one round carries out. */
    private record Round(long revision, VpcView view, Map<EniId, EniState> plugging, Optional<StateFile.Kept> kept) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition carried = lock.newCondition();
    private final Desk desk; // guarded by lock
    private final List<Waiter> waiters = new ArrayList<>(); // guarded by lock
    private final Set<EniId> unseen = new HashSet<>(); // guarded by lock
    private long done; // guarded by lock
    private boolean closed; // guarded by lock
    private final InstantSource clock;
    private final VpcObserver observer;
    private final Optional<StateFile> stateFile;
    private final Optional<Thread> carrier;

    Twin(Desk desk, InstantSource clock, VpcObserver observer, Optional<StateFile> stateFile) {
        this.desk = desk;
        this.clock = clock;
        this.observer = observer;
        this.stateFile = stateFile;
        boolean idle = observer == VpcObserver.NONE && stateFile.isEmpty();
        this.carrier = idle
                ? Optional.empty()
                : Optional.of(Thread.ofPlatform().name("twin-carrier").daemon().unstarted(this::carry));
        carrier.ifPresent(Thread::start);
    }

    /** One call of the API. */
    Reply call(WireRequest request) {
        return with(d -> d.handle(request, clock.instant()));
    }

    /** Runs with the lock held and the cloud advanced to now. */
    public <T> T with(Function<Desk, T> body) {
        lock.lock();
        try {
            desk.cloud().advance(clock.instant());
            T out = body.apply(desk);
            changed.signal();
            return out;
        } finally {
            lock.unlock();
        }
    }

    Instant now() {
        return clock.instant();
    }

    /** Runs {@code go} once the change {@code revision} is carried out: at once when nothing has to be. */
    void whenCarried(long revision, Runnable go) {
        lock.lock();
        try {
            if (carrier.isPresent() && revision > done && !closed) {
                waiters.add(new Waiter(revision, go));
                return;
            }
        } finally {
            lock.unlock();
        }
        go.run();
    }

    /** Advances the cloud to now and returns when everything that follows from it is carried out. */
    public void settle() {
        lock.lock();
        try {
            desk.cloud().advance(clock.instant());
            changed.signal();
            while (carrier.isPresent() && !closed && !settled()) {
                carried.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean settled() {
        return done == desk.cloud().changes().revision()
                && desk.cloud().unconfirmed().isEmpty();
    }

    private void carry() {
        Optional<Round> round = next();
        while (round.isPresent()) {
            Round now = round.get();
            if (carriedOut(now)) {
                finish(now);
            } else {
                pauseAfterFailure(now);
            }
            round = next();
        }
    }

    /** Waits until something changed; nothing when the twin was closed. */
    private Optional<Round> next() {
        lock.lock();
        try {
            desk.cloud().advance(clock.instant());
            while (!closed && done == desk.cloud().changes().revision()) {
                awaitChange();
                desk.cloud().advance(clock.instant());
            }
            if (done == desk.cloud().changes().revision()) {
                return Optional.empty();
            }
            unseen.addAll(desk.cloud().changes().drain());
            VpcView view = VpcView.of(desk.cloud(), unseen);
            return Optional.of(new Round(
                    view.revision(), view, desk.cloud().unconfirmed(), stateFile.map(f -> StateFile.keep(desk))));
        } finally {
            lock.unlock();
        }
    }

    private void awaitChange() {
        long nanos = desk.cloud()
                .nextDue()
                .map(due -> Duration.between(clock.instant(), due))
                .filter(wait -> wait.compareTo(PAUSE) < 0)
                .orElse(PAUSE)
                .toNanos();
        await(changed, Math.max(nanos, 100_000));
    }

    /** Nobody interrupts the carrier; if somebody did, it would look at the cloud once more and wait again. */
    private static void await(Condition condition, long nanos) {
        try {
            condition.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The top of the loop: whatever the observer or the disk throws is reported and tried again. */
    private boolean carriedOut(Round round) {
        try {
            observer.changed(round.view());
            stateFile.ifPresent(file -> file.write(round.kept().orElseThrow()));
            return true;
        } catch (RuntimeException e) {
            System.err.println("change " + round.revision() + " could not be carried out, trying again: " + e);
            return false;
        }
    }

    private void finish(Round round) {
        List<Waiter> ready = new ArrayList<>();
        lock.lock();
        try {
            unseen.clear();
            done = round.revision();
            desk.cloud().confirm(round.plugging());
            waiters.removeIf(w -> w.revision() <= done && ready.add(w));
            carried.signalAll();
        } finally {
            lock.unlock();
        }
        ready.forEach(w -> w.go().run());
    }

    private void pauseAfterFailure(Round failed) {
        lock.lock();
        try {
            if (closed) {
                done = failed.revision();
            } else {
                await(lock.newCondition(), PAUSE.toNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Carries out what is left, then ends the thread; answers that still wait are let go. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        carrier.ifPresent(Twin::join);
        List<Waiter> left;
        lock.lock();
        try {
            left = List.copyOf(waiters);
            waiters.clear();
            carried.signalAll();
        } finally {
            lock.unlock();
        }
        left.forEach(w -> w.go().run());
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
