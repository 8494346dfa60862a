package io.terway.node.policy;

import java.util.List;

/** What one side says of a new connection. */
public sealed interface Judgement {

    /** @param by the rule that lets it pass; empty when nothing judges it */
    record Accepted(String by) implements Judgement {}

    /** @param by the rule or the isolating policies */
    record Denied(List<String> by) implements Judgement {
        public Denied {
            by = List.copyOf(by);
        }
    }

    /** Accepted for the requests that one of these lets through. */
    record ByRequest(List<ProgramRule> rules) implements Judgement {
        public ByRequest {
            rules = List.copyOf(rules);
        }
    }

    /** True when the connection as such is not dropped. */
    default boolean passes() {
        return !(this instanceof Denied);
    }
}
