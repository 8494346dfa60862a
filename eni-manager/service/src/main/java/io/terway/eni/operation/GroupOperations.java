package io.terway.eni.operation;

import io.terway.eni.CloudFailure;
import io.terway.eni.CloudGroups;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.ClusterTags;
import io.terway.eni.GroupChange;
import io.terway.eni.GroupRule;
import io.terway.eni.GroupRule.Direction;
import io.terway.eni.OperationId;
import io.terway.eni.SecurityGroup;
import io.terway.eni.time.Time;
import io.terway.eni.time.Turns;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules of security groups: what a look shows still to be done is done, then looked at again. One change of a group at a time. */
public final class GroupOperations {

    /** Looks of one change: each does up to a call's rules in each direction, for as many as a request holds. */
    private static final int MAX_ROUNDS = 40;

    /** How long a describe may lag behind a change. */
    private static final Duration LAG = Duration.ofSeconds(1);

    private final CloudGroups cloud;
    private final ClusterTags tags;
    private final Turns<SecurityGroupId> turns;
    private final Time time;

    GroupOperations(CloudGroups cloud, ClusterTags tags, Time time) {
        this.cloud = cloud;
        this.tags = tags;
        this.time = time;
        turns = new Turns<>(time);
    }

    /** How a change ended. */
    public sealed interface GroupOutcome {

        record Reached() implements GroupOutcome {}

        record NotDone(CloudFailure failure) implements GroupOutcome {}
    }

    /** The groups with their rules; an unknown one is a failure that names it. */
    public CloudResult<List<SecurityGroup>> list(List<SecurityGroupId> ids) {
        return switch (cloud.types(ids)) {
            case CloudResult.Failed<Map<SecurityGroupId, String>>(CloudFailure failure) -> CloudResult.failed(failure);
            case CloudResult.Ok<Map<SecurityGroupId, String>>(Map<SecurityGroupId, String> types) -> {
                List<SecurityGroup> groups = new ArrayList<>();
                for (SecurityGroupId id : ids) {
                    if (!types.containsKey(id)) {
                        yield CloudResult.failed(new CloudFailure.NotFound(
                                "InvalidSecurityGroupId.NotFound",
                                id + " is not listed; check the id and the RAM permission ecs:DescribeSecurityGroups"));
                    }
                    switch (cloud.rules(id)) {
                        case CloudResult.Failed<List<GroupRule>>(CloudFailure failure) -> {
                            yield CloudResult.failed(failure);
                        }
                        case CloudResult.Ok<List<GroupRule>>(List<GroupRule> rules) ->
                            groups.add(new SecurityGroup(id, types.get(id), rules));
                    }
                }
                yield CloudResult.ok(List.copyOf(groups));
            }
        };
    }

    /**
     * Adds rules, then takes others away. Blocks until a look shows both done.
     *
     * @param remove ids; one that is not there is done already, one that is not ours refuses the whole change
     */
    public GroupOutcome change(OperationId operation, SecurityGroupId group, List<GroupRule> add, List<String> remove) {
        return turns.with(group, () -> rounds(operation, group, add, remove));
    }

    private GroupOutcome rounds(
            OperationId operation, SecurityGroupId group, List<GroupRule> add, List<String> remove) {
        CloudFailure last = new CloudFailure.Transient(
                "GroupTimeout", "the rules of " + group + " do not show the change yet; repeat the operation");
        for (int round = 0; round < MAX_ROUNDS; round++) {
            switch (cloud.rules(group)) {
                case CloudResult.Failed<List<GroupRule>>(CloudFailure failure) -> {
                    return new GroupOutcome.NotDone(failure);
                }
                case CloudResult.Ok<List<GroupRule>>(List<GroupRule> now) -> {
                    Optional<GroupRule> foreign = GroupChange.foreign(remove, now, tags);
                    if (foreign.isPresent()) {
                        return new GroupOutcome.NotDone(notOurs(group, foreign.get()));
                    }
                    GroupChange left = GroupChange.plan(group, add, remove, now, tags);
                    if (left.isEmpty()) {
                        return new GroupOutcome.Reached();
                    }
                    if (apply(operation, left, round) instanceof CloudResult.Failed<Done>(CloudFailure failure)) {
                        if (!unknown(failure)) {
                            return new GroupOutcome.NotDone(failure);
                        }
                        last = failure;
                        time.sleep(LAG);
                    }
                }
            }
        }
        return new GroupOutcome.NotDone(last);
    }

    private CloudResult<Done> apply(OperationId operation, GroupChange left, int round) {
        for (Direction direction : Direction.values()) {
            List<GroupRule> rules = left.toAdd(direction);
            if (!rules.isEmpty()) {
                String token = operation.clientToken("authorize " + direction + " " + round);
                CloudResult<Done> result =
                        LeadershipLost.unlessLost(cloud.authorize(left.group(), direction, rules, token));
                if (result instanceof CloudResult.Failed<Done>) {
                    return result;
                }
            }
        }
        for (Direction direction : Direction.values()) {
            List<String> ids =
                    left.toRemove(direction).stream().map(GroupRule::id).toList();
            if (!ids.isEmpty()) {
                String token = operation.clientToken("revoke " + direction + " " + round);
                CloudResult<Done> result = LeadershipLost.unlessLost(cloud.revoke(left.group(), direction, ids, token));
                if (result instanceof CloudResult.Failed<Done>) {
                    return result;
                }
            }
        }
        return CloudResult.ok(Done.DONE);
    }

    private static boolean unknown(CloudFailure failure) {
        return failure instanceof CloudFailure.OutcomeUnknown
                || failure instanceof CloudFailure.Transient
                || failure instanceof CloudFailure.Busy
                || failure instanceof CloudFailure.TokenBurnt
                || failure instanceof CloudFailure.NotFound(String code, String _)
                        && code.startsWith("SecurityGroupRule");
    }

    private CloudFailure notOurs(SecurityGroupId group, GroupRule rule) {
        return new CloudFailure.NotOurs(
                "NotOurs",
                "the rule " + rule.id() + " of " + group + " does not begin with " + tags.mark()
                        + "; only rules of this cluster are taken away");
    }
}
