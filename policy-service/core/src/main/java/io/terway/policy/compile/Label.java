package io.terway.policy.compile;

import io.terway.policy.Selector;
import java.util.Map;
import java.util.Optional;

/** A label with its value: what selectors and profiles are found by. */
record Label(String key, String value) {

    static Label of(Map.Entry<String, String> entry) {
        return new Label(entry.getKey(), entry.getValue());
    }

    /** A label that everything the selector matches must carry; empty when there is none. */
    static Optional<Label> requiredBy(Selector selector) {
        return selector.pairs().entrySet().stream()
                .min(Map.Entry.comparingByKey())
                .map(Label::of)
                .or(() -> selector.requirements().stream()
                        .filter(Selector.Requirement.In.class::isInstance)
                        .map(Selector.Requirement.In.class::cast)
                        .filter(in -> in.values().size() == 1)
                        .map(in -> new Label(in.key(), in.values().iterator().next()))
                        .findFirst());
    }
}
