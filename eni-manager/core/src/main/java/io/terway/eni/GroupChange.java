package io.terway.eni;

import io.terway.eni.GroupRule.Direction;
import io.terway.net.SecurityGroupId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rules to add to a group and rules to take away, as far as a look shows them still to be done. Planning on the result of
 * a plan yields nothing.
 */
public record GroupChange(SecurityGroupId group, List<GroupRule> add, List<GroupRule> remove) {

    /** Rules one request may add, and may take away. */
    public static final int MAX_RULES = 1_000;

    public GroupChange {
        add = List.copyOf(add);
        remove = List.copyOf(remove);
    }

    public boolean isEmpty() {
        return add.isEmpty() && remove.isEmpty();
    }

    /** The rules of one direction to add, the first {@link GroupRule#MAX_IN_CALL}. */
    public List<GroupRule> toAdd(Direction direction) {
        return firstOf(add, direction);
    }

    /** The rules of one direction to take away, the first {@link GroupRule#MAX_IN_CALL}. */
    public List<GroupRule> toRemove(Direction direction) {
        return firstOf(remove, direction);
    }

    private static List<GroupRule> firstOf(List<GroupRule> rules, Direction direction) {
        return rules.stream()
                .filter(rule -> rule.direction() == direction)
                .limit(GroupRule.MAX_IN_CALL)
                .toList();
    }

    /** What is left to do. Every added rule gets our mark; a rule without it is never taken away. */
    public static GroupChange plan(
            SecurityGroupId group,
            List<GroupRule> wanted,
            List<String> unwanted,
            List<GroupRule> now,
            ClusterTags tags) {
        List<GroupRule> add = new ArrayList<>();
        for (GroupRule rule : wanted) {
            boolean there =
                    now.stream().anyMatch(rule::saysTheSameAs) || add.stream().anyMatch(rule::saysTheSameAs);
            if (!there) {
                add.add(rule.withDescription(tags.marked(rule.description())));
            }
        }
        List<GroupRule> remove = now.stream()
                .filter(rule -> unwanted.contains(rule.id()) && tags.marks(rule.description()))
                .toList();
        return new GroupChange(group, add, remove);
    }

    /** The first rule that somebody wants taken away and that is not ours. */
    public static Optional<GroupRule> foreign(List<String> unwanted, List<GroupRule> now, ClusterTags tags) {
        return now.stream()
                .filter(rule -> unwanted.contains(rule.id()) && !tags.marks(rule.description()))
                .findFirst();
    }
}
