package io.terway.agent.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What became of {@link DatapathApplier#ensureNode}. */
public sealed interface NodeResult {

    /** With what a datapath over another one changed, if it did and that one was ready. */
    default NodeResult with(Optional<String> change) {
        return switch (this) {
            case Ready(List<String> changed)
            when change.isPresent() -> {
                List<String> all = new ArrayList<>(changed);
                all.add(change.get());
                yield new Ready(all);
            }
            case Ready _, Failed _ -> this;
        };
    }

    /** @param changed one line per object that had to be made or mended, for people */
    record Ready(List<String> changed) implements NodeResult {
        public Ready {
            changed = List.copyOf(changed);
        }
    }

    /** @see AddResult.Failed */
    record Failed(String step, String reason) implements NodeResult {}
}
