package io.terway.node.commit;

import io.terway.net.SandboxKey;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Sandboxes that a DEL has ended, with when that DEL's plugin started (CLOCK_BOOTTIME): an ADD whose plugin started
 * earlier arrives too late and is refused, a later one is a new life of the sandbox. Not thread-safe: its owner
 * serialises.
 */
public final class Tombstones {

    /** A runtime gives an ADD up after minutes; at this many DELs in between, the oldest tombstone goes. */
    static final int LIMIT = 4096;

    private final SequencedMap<SandboxKey, Duration> ended = new LinkedHashMap<>();

    /** @param started when the DEL's plugin started, since boot */
    public void put(SandboxKey key, Duration started) {
        Duration before = ended.remove(key);
        ended.putLast(key, before != null && before.compareTo(started) > 0 ? before : started);
        if (ended.size() > LIMIT) {
            Map.Entry<SandboxKey, Duration> oldest = ended.firstEntry();
            ended.remove(oldest.getKey());
        }
    }

    /** True when an ADD that started then must not happen any more. */
    public boolean refuses(SandboxKey key, Duration started) {
        Duration del = ended.get(key);
        return del != null && started.compareTo(del) < 0;
    }
}
