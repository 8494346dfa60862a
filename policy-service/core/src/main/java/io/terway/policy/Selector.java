package io.terway.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;

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
        return pairs.entrySet().stream().allMatch(pair -> pair.getValue().equals(labels.get(pair.getKey())))
                && requirements.stream().allMatch(requirement -> holds(requirement, labels));
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
