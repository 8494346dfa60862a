package io.terway.agent.apply;

import java.util.List;

/** What became of {@link DatapathApplier#ensureNode}. */
public sealed interface NodeResult {

    /** @param changed one line per object that had to be made or mended, for people */
    record Ready(List<String> changed) implements NodeResult {
        public Ready {
            changed = List.copyOf(changed);
        }
    }

    /** @see AddResult.Failed */
    record Failed(String step, String reason) implements NodeResult {}
}
