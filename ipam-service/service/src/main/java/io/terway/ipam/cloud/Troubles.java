package io.terway.ipam.cloud;

import io.terway.net.InstanceId;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Which failure of an instance is worth a line in the log: each is asked for again every few seconds, and at a cold start all
 * of a large cluster fail for one reason. What each lacks is shown on its node besides. Any thread.
 */
final class Troubles {

    private final Map<InstanceId, String> causes = new ConcurrentHashMap<>();
    private final AtomicReference<String> last = new AtomicReference<>("");

    /** True when neither this instance failed for this cause before, nor the one that failed last. */
    boolean isNew(InstanceId instance, String cause) {
        boolean known = Objects.equals(causes.put(instance, cause), cause);
        return !known && !cause.equals(last.getAndSet(cause));
    }

    /** It answers: its next failure is news, even the same one. */
    void over(InstanceId instance) {
        if (causes.remove(instance) != null) {
            last.set("");
        }
    }

    void clear() {
        causes.clear();
        last.set("");
    }
}
