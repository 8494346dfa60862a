package io.terway.lab.api.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Meta;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who depends on whom: an index of ownerReferences by the owner's uid. */
public final class Owners {

    private final Map<String, Set<Dependent>> byOwner = new HashMap<>();

    /** An object that names an owner. */
    public record Dependent(Resource.Id id, ObjectKey key) {}

    List<Dependent> of(String uid) {
        return List.copyOf(byOwner.getOrDefault(uid, Set.of()));
    }

    /** Follows one object from {@code before} to {@code after}; null stands for absence. */
    void replace(Resource.Id id, ObjectKey key, ObjectNode before, ObjectNode after) {
        Dependent dependent = new Dependent(id, key);
        if (before != null) {
            for (String uid : Meta.ownerUids(before)) {
                byOwner.computeIfPresent(uid, (owner, dependents) -> {
                    dependents.remove(dependent);
                    return dependents.isEmpty() ? null : dependents;
                });
            }
        }
        if (after != null) {
            for (String uid : Meta.ownerUids(after)) {
                byOwner.computeIfAbsent(uid, owner -> new LinkedHashSet<>()).add(dependent);
            }
        }
    }
}
