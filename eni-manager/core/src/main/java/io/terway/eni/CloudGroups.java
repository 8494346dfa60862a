package io.terway.eni;

import io.terway.eni.CloudResult.Done;
import io.terway.eni.GroupRule.Direction;
import io.terway.net.SecurityGroupId;
import java.util.List;
import java.util.Map;

/** The part of the cloud that has security groups, as {@link Cloud} is for ENIs. */
public interface CloudGroups {

    /** "normal" or "enterprise" by group, of at most 100. Unknown ids are left out silently. */
    CloudResult<Map<SecurityGroupId, String>> types(List<SecurityGroupId> ids);

    /** All rules of a group. */
    CloudResult<List<GroupRule>> rules(SecurityGroupId group);

    /** Adds at most {@link GroupRule#MAX_IN_CALL} rules of one direction. One that is there already is no failure. */
    CloudResult<Done> authorize(SecurityGroupId group, Direction direction, List<GroupRule> rules, String clientToken);

    /** Takes away at most {@link GroupRule#MAX_IN_CALL} rules of one direction by their ids. */
    CloudResult<Done> revoke(SecurityGroupId group, Direction direction, List<String> ids, String clientToken);
}
