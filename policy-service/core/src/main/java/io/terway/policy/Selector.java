package io.terway.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A label selector: every pair and every requirement must hold. The empty one matches everything.
 *
 * @param pairs labels that must be present with this value
 * @param requirements further conditions
 */
public record Selector(Map<String, String> pairs, List<Requirement> requirements) {

    /** Matches everything. */
    public static final Selector ALL = new Selector(Map.of(), List.of());

    public Selector {
        pairs = Map.copyOf(pairs);
        requirements = List.copyOf(requirements);
    }

    /** One condition on one label. A missing label satisfies NotIn and DoesNotExist; an empty value is a present label. */
    public sealed interface Requirement {

        /** The label it speaks of. */
        String key();

        record In(String key, Set<String> values) implements Requirement {
            public In {
                values = nonEmpty("In", key, values);
            }
        }

        record NotIn(String key, Set<String> values) implements Requirement {
            public NotIn {
                values = nonEmpty("NotIn", key, values);
            }
        }

        record Exists(String key) implements Requirement {}

        record DoesNotExist(String key) implements Requirement {}

        private static Set<String> nonEmpty(String operator, String key, Set<String> values) {
            if (values.isEmpty()) {
                throw new IllegalArgumentException(
                        "label selector: operator " + operator + " on '" + key + "' needs at least one value");
            }
            return Set.copyOf(values);
        }
    }

    /** True when {@code labels} satisfy every part. */
    public boolean matches(Map<String, String> labels) {
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            if (!pair.getValue().equals(labels.get(pair.getKey()))) {
                return false;
            }
        }
        for (Requirement requirement : requirements) {
            if (!holds(requirement, labels)) {
                return false;
            }
        }
        return true;
    }

    /** As people write it: {@code app=web,tier in (a,b),!old}, sorted; {@code *} for the empty one. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        pairs.forEach((key, value) -> parts.add(key + "=" + value));
        for (Requirement requirement : requirements) {
            parts.add(
                    switch (requirement) {
                        case Requirement.In in -> in.key() + " in " + sorted(in.values());
                        case Requirement.NotIn notIn -> notIn.key() + " notin " + sorted(notIn.values());
                        case Requirement.Exists exists -> exists.key();
                        case Requirement.DoesNotExist absent -> "!" + absent.key();
                    });
        }
        Collections.sort(parts);
        return parts.isEmpty() ? "*" : String.join(",", parts);
    }

    private static String sorted(Set<String> values) {
        return values.stream().sorted().collect(Collectors.joining(",", "(", ")"));
    }

    private static boolean holds(Requirement requirement, Map<String, String> labels) {
        String value = labels.get(requirement.key());
        return switch (requirement) {
            case Requirement.In in -> value != null && in.values().contains(value);
            case Requirement.NotIn notIn -> value == null || !notIn.values().contains(value);
            case Requirement.Exists _ -> value != null;
            case Requirement.DoesNotExist _ -> value == null;
        };
    }
}
