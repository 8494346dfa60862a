package io.terway.agent.apply;

import java.util.ArrayList;
import java.util.List;

/** What {@link DatapathApplier#check} found. */
public sealed interface CheckResult {

    /** With what a datapath over another one found, behind what that one found. */
    default CheckResult with(List<String> more) {
        if (more.isEmpty()) {
            return this;
        }
        return switch (this) {
            case Intact _ -> new Differs(more);
            case Differs(List<String> found) -> {
                List<String> all = new ArrayList<>(found);
                all.addAll(more);
                yield new Differs(all);
            }
        };
    }

    /** Everything the plan wants is in the kernel. */
    record Intact() implements CheckResult {}

    /** @param differences one line per missing or wrong object, for people; never empty */
    record Differs(List<String> differences) implements CheckResult {
        public Differs {
            differences = List.copyOf(differences);
        }
    }
}
