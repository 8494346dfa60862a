package io.terway.policy.k8s;

import io.terway.policy.compile.PolicyCompiler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the compiler has yet to hear, the latest of each object only: however fast objects change, no more waits than
 * there are objects. Any thread puts, the compile thread takes.
 */
public final class Changes {

    private final Map<String, Consumer<PolicyCompiler>> waiting = new LinkedHashMap<>(); // guarded by this
    private final Runnable wake;

    /**
     * @param wake called after each change
     */
    public Changes(Runnable wake) {
        this.wake = wake;
    }

    /** Replaces what waits for the same object. */
    public void put(String object, Consumer<PolicyCompiler> change) {
        synchronized (this) {
            waiting.put(object, change);
        }
        wake.run();
    }

    /** Everything that waits, in order of first arrival. */
    public synchronized List<Consumer<PolicyCompiler>> take() {
        List<Consumer<PolicyCompiler>> out = List.copyOf(waiting.values());
        waiting.clear();
        return out;
    }
}
