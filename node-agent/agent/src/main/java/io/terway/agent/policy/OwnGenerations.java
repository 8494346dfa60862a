package io.terway.agent.policy;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The transactions that we made ourselves, by which those of others are told apart: by number, because a name or a process
 * id is what a stranger may choose, or what another pid namespace sees differently. One thread.
 */
final class OwnGenerations {

    /** More than can wait to be asked about; what is forgotten is taken for a stranger's, which costs a look. */
    private static final int KEPT = 4096;

    private final Set<Integer> own = new LinkedHashSet<>();

    /** A transaction of ours lay between the two; if it was the only one, it is known to be ours. */
    void made(int before, int after) {
        if (after == before + 1 && own.add(after) && own.size() > KEPT) {
            own.remove(own.iterator().next());
        }
    }

    boolean contain(int generation) {
        return own.contains(generation);
    }
}
