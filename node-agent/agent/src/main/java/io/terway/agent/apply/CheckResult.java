package io.terway.agent.apply;

import java.util.List;

/** What {@link DatapathApplier#check} found. */
public sealed interface CheckResult {

    /** Everything the plan wants is in the kernel. */
    record Intact() implements CheckResult {}

    /** @param differences one line per missing or wrong object, for people; never empty */
    record Differs(List<String> differences) implements CheckResult {
        public Differs {
            differences = List.copyOf(differences);
        }
    }
}
