package io.terway.eni;

import io.terway.net.SecurityGroupId;
import java.util.List;

/**
 * A security group with its rules.
 *
 * @param type "normal" or "enterprise"
 */
public record SecurityGroup(SecurityGroupId id, String type, List<GroupRule> rules) {

    public SecurityGroup {
        rules = List.copyOf(rules);
    }
}
