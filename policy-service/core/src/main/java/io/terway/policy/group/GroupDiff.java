package io.terway.policy.group;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What brings a group in step: idempotent, so that the difference of its own result is empty.
 *
 * @param add rules that are missing
 * @param remove ids of rules of ours that are too many
 */
public record GroupDiff(List<GroupRule> add, List<String> remove) {

    public GroupDiff {
        add = List.copyOf(add);
        remove = List.copyOf(remove);
    }

    /**
     * Compares.
     *
     * @param ours what the group holds of ours, by the cloud's id; empty where it says something that we never say
     */
    public static GroupDiff between(List<GroupRule> wanted, Map<String, Optional<GroupRule>> ours) {
        Set<GroupRule> there = new HashSet<>();
        List<String> remove = new ArrayList<>();
        ours.forEach((id, rule) -> {
            boolean kept = rule.isPresent() && wanted.contains(rule.get()) && there.add(rule.get());
            if (!kept) {
                remove.add(id);
            }
        });
        return new GroupDiff(
                wanted.stream().filter(rule -> !there.contains(rule)).toList(), remove);
    }

    public boolean empty() {
        return add.isEmpty() && remove.isEmpty();
    }
}
