package io.terway.node.denial;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts denials by kind until somebody takes them. Kinds beyond the bound are lost, and counted. One thread at a time. */
public final class Tally {

    private final int mostKinds;
    private final Map<Denial, Counted> kinds = new LinkedHashMap<>();
    private long lost;

    /** @param mostKinds kinds that may wait */
    public Tally(int mostKinds) {
        if (mostKinds < 1) {
            throw new IllegalArgumentException("a tally of " + mostKinds + " kinds");
        }
        this.mostKinds = mostKinds;
    }

    /** One more. */
    public void add(Denial denial, Instant at) {
        Counted before = kinds.get(denial);
        if (before != null) {
            kinds.put(denial, new Counted(before.at(), denial, before.count() + 1));
        } else if (kinds.size() < mostKinds) {
            kinds.put(denial, new Counted(at, denial, 1));
        } else {
            lost++;
        }
    }

    /** What was counted since the last time, in order of first arrival. */
    public List<Counted> take() {
        List<Counted> taken = new ArrayList<>(kinds.values());
        kinds.clear();
        return taken;
    }

    /** Denials that did not fit, since the last time. */
    public long takeLost() {
        long taken = lost;
        lost = 0;
        return taken;
    }
}
