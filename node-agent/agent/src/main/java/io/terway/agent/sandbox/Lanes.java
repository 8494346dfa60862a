package io.terway.agent.sandbox;

import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniReply;
import io.terway.cni.CniRequest;
import io.terway.net.SandboxKey;
import io.terway.node.commit.Tombstones;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One call at a time per sandbox, any number for different ones. A DEL first leaves a tombstone, which ends an ADD of
 * that sandbox that waits or comes too late. Any thread.
 */
public final class Lanes {

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<SandboxKey, Lane> lanes = new HashMap<>(); // guarded by lock; as many as calls under way
    private final Tombstones tombstones = new Tombstones(); // guarded by lock
    private final Supply supply;

    private static final class Lane {
        final ReentrantLock turn = new ReentrantLock();
        int users; // guarded by Lanes.lock
    }

    public Lanes(Supply supply) {
        this.supply = supply;
    }

    /** Runs a call when its sandbox's turn comes. */
    CniReply run(SandboxKey key, Supplier<CniReply> call) {
        Lane lane = enter(key);
        lane.turn.lock();
        try {
            return call.get();
        } finally {
            lane.turn.unlock();
            leave(key, lane);
        }
    }

    /** Runs something in a sandbox's lane if no call is under way there; else not at all, and says false. */
    boolean runIfIdle(SandboxKey key, Runnable work) {
        Lane lane = enter(key);
        try {
            if (!lane.turn.tryLock()) {
                return false;
            }
            try {
                work.run();
            } finally {
                lane.turn.unlock();
            }
            return true;
        } finally {
            leave(key, lane);
        }
    }

    /** Marks the sandbox as ended by a DEL that started then; a waiting ADD wakes up to see it. */
    void end(SandboxKey key, Duration started) {
        lock.lock();
        try {
            tombstones.put(key, started);
        } finally {
            lock.unlock();
        }
        supply.changed();
    }

    /** @throws CniFailure when a DEL that started later has ended this ADD's sandbox */
    void requireAlive(CniRequest add) {
        lock.lock();
        try {
            if (tombstones.refuses(add.key(), add.started())) {
                throw new CniFailure(
                        CniCode.TRY_LATER, "sandbox " + add.key() + " was deleted after this ADD had started");
            }
        } finally {
            lock.unlock();
        }
    }

    private Lane enter(SandboxKey key) {
        lock.lock();
        try {
            Lane lane = lanes.computeIfAbsent(key, _ -> new Lane());
            lane.users++;
            return lane;
        } finally {
            lock.unlock();
        }
    }

    private void leave(SandboxKey key, Lane lane) {
        lock.lock();
        try {
            if (--lane.users == 0) {
                lanes.remove(key);
            }
        } finally {
            lock.unlock();
        }
    }
}
