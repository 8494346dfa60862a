package io.terway.eni.sim.vpc;

import io.terway.net.SecurityGroupId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A security group and its rules.
 *
 * @param innerAccept basic groups only: members reach each other whatever the rules say
 */
public record SecurityGroup(
        SecurityGroupId id,
        String name,
        String description,
        VpcId vpc,
        Kind kind,
        boolean innerAccept,
        List<SecurityRule> rules,
        Map<String, String> tags,
        Instant created) {

    /** Basic groups count private addresses, enterprise groups count ENIs (facts, section 4). */
    public enum Kind {
        NORMAL("normal", 6_000),
        ENTERPRISE("enterprise", 65_536);

        private final String wireName;
        private final int capacity;

        Kind(String wireName, int capacity) {
            this.wireName = wireName;
            this.capacity = capacity;
        }

        public String wireName() {
            return wireName;
        }

        /** How many addresses (basic) or ENIs (enterprise) fit. */
        public int capacity() {
            return capacity;
        }
    }

    public SecurityGroup {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(vpc, "vpc");
        Objects.requireNonNull(kind, "kind");
        rules = List.copyOf(rules);
        tags = Map.copyOf(tags);
        Objects.requireNonNull(created, "created");
    }

    public SecurityGroup withRules(List<SecurityRule> newRules) {
        return new SecurityGroup(id, name, description, vpc, kind, innerAccept, newRules, tags, created);
    }

    public SecurityGroup withInnerAccept(boolean accept) {
        return new SecurityGroup(id, name, description, vpc, kind, accept, rules, tags, created);
    }

    public SecurityGroup withNames(String newName, String newDescription) {
        return new SecurityGroup(id, newName, newDescription, vpc, kind, innerAccept, rules, tags, created);
    }

    public SecurityGroup withTags(Map<String, String> newTags) {
        return new SecurityGroup(id, name, description, vpc, kind, innerAccept, rules, newTags, created);
    }
}
