package io.terway.eni.ecs;

import io.terway.eni.Action;
import io.terway.eni.CloudGroups;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.GroupRule;
import io.terway.eni.GroupRule.Direction;
import io.terway.net.SecurityGroupId;
import java.util.List;
import java.util.Map;

/** Security groups as the rest of the service sees them: each action by its pace. */
public final class PacedGroups implements CloudGroups {

    private final CloudGroups cloud;
    private final PacedCalls calls;

    public PacedGroups(CloudGroups cloud, PacedCalls calls) {
        this.cloud = cloud;
        this.calls = calls;
    }

    @Override
    public CloudResult<Map<SecurityGroupId, String>> types(List<SecurityGroupId> ids) {
        return calls.call(Action.DESCRIBE_SECURITY_GROUPS, "", () -> cloud.types(ids));
    }

    @Override
    public CloudResult<List<GroupRule>> rules(SecurityGroupId group) {
        return calls.call(Action.DESCRIBE_SECURITY_GROUP_ATTRIBUTE, "", () -> cloud.rules(group));
    }

    @Override
    public CloudResult<Done> authorize(
            SecurityGroupId group, Direction direction, List<GroupRule> rules, String clientToken) {
        Action action = direction == Direction.INGRESS
                ? Action.AUTHORIZE_SECURITY_GROUP
                : Action.AUTHORIZE_SECURITY_GROUP_EGRESS;
        return calls.call(action, group + " " + rules, () -> cloud.authorize(group, direction, rules, clientToken));
    }

    @Override
    public CloudResult<Done> revoke(SecurityGroupId group, Direction direction, List<String> ids, String clientToken) {
        Action action =
                direction == Direction.INGRESS ? Action.REVOKE_SECURITY_GROUP : Action.REVOKE_SECURITY_GROUP_EGRESS;
        return calls.call(action, group + " " + ids, () -> cloud.revoke(group, direction, ids, clientToken));
    }
}
