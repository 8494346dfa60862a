package io.terway.agent.repair;

import io.terway.net.SandboxKey;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps a quarrel with somebody who undoes every repair from taking a core: the first repairs of a pod follow at once,
 * later ones ever more slowly, until it has been quiet for a while. Not thread-safe.
 */
final class Patience {

    /** Repairs in a row that are not held back. */
    static final int FREE = 50;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    static final Duration QUIET = Duration.ofSeconds(15);

    private record Quarrel(int repairs, long last) {}

    private final Map<SandboxKey, Quarrel> quarrels = new HashMap<>();

    /** @param now System.nanoTime() */
    boolean allows(SandboxKey key, long now) {
        Quarrel quarrel = quarrels.get(key);
        return quarrel == null
                || now - quarrel.last() >= pause(quarrel.repairs()).toNanos();
    }

    void mended(SandboxKey key, long now) {
        Quarrel before = quarrels.get(key);
        boolean quiet = before == null || now - before.last() > QUIET.toNanos();
        quarrels.put(key, new Quarrel(quiet ? 1 : before.repairs() + 1, now));
    }

    void forget(Collection<SandboxKey> living) {
        quarrels.keySet().retainAll(living);
    }

    private static Duration pause(int repairs) {
        if (repairs < FREE) {
            return Duration.ZERO;
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(repairs - FREE, 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
