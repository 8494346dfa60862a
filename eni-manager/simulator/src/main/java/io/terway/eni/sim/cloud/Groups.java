package io.terway.eni.sim.cloud;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.eni.sim.vpc.VpcId;
import io.terway.net.SecurityGroupId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Security groups, their rules and what fits into them. */
public final class Groups {

    static final int PER_REGION = 500;
    static final int PER_ENI = 5;
    static final int RULES = 200;

    private final Map<SecurityGroupId, SecurityGroup> byId = new TreeMap<>();
    private final Enis enis;
    private final Changes changes;

    Groups(Enis enis, Changes changes) {
        this.enis = enis;
        this.changes = changes;
    }

    public Collection<SecurityGroup> all() {
        return byId.values();
    }

    public Optional<SecurityGroup> find(SecurityGroupId id) {
        return Optional.ofNullable(byId.get(id));
    }

    public SecurityGroup get(SecurityGroupId id) {
        return find(id).orElseThrow(
                        () -> ErrorCode.GROUP_NOT_FOUND.refuse("The security group %s does not exist.", id));
    }

    /** Adds or replaces. */
    public void put(SecurityGroup group) {
        if (!byId.containsKey(group.id()) && byId.size() >= PER_REGION) {
            throw ErrorCode.GROUP_QUOTA.refuse("The region already has %d security groups.", PER_REGION);
        }
        if (group.rules().size() > RULES) {
            throw ErrorCode.GROUP_RULES.refuse(
                    "The security group %s would have %d rules; the limit is %d.",
                    group.id(), group.rules().size(), RULES);
        }
        byId.put(group.id(), group);
        changes.touchLayout();
    }

    /** Refuses while an ENI is a member or another group's rule names it. */
    public void delete(SecurityGroupId id) {
        get(id);
        if (!enis.in(id).isEmpty()) {
            throw ErrorCode.GROUP_IN_USE.refuse(
                    "The security group %s still has %d network interfaces.",
                    id, enis.in(id).size());
        }
        for (SecurityGroup other : byId.values()) {
            boolean names = other.rules().stream().anyMatch(r -> r.peer().equals(new SecurityRule.Peer.Group(id)));
            if (names && !other.id().equals(id)) {
                throw ErrorCode.GROUP_IN_USE.refuse("The security group %s is named in a rule of %s.", id, other.id());
            }
        }
        byId.remove(id);
        changes.touchLayout();
    }

    /** Checks the groups of an ENI: they exist, share its VPC and one kind, are few enough and have room. */
    void requireRoom(List<SecurityGroupId> groups, VpcId vpc, int weight, List<SecurityGroupId> already) {
        if (groups.isEmpty()) {
            throw ErrorCode.MISSING_PARAMETER.refuse("The parameter SecurityGroupId is missing.");
        }
        if (groups.size() > PER_ENI) {
            throw ErrorCode.GROUPS_PER_ENI.refuse("A network interface joins at most %d security groups.", PER_ENI);
        }
        HashSet<SecurityGroup.Kind> kinds = new HashSet<>();
        for (SecurityGroupId id : groups) {
            SecurityGroup group = get(id);
            if (!group.vpc().equals(vpc)) {
                throw ErrorCode.VPC_MISMATCH.refuse("The security group %s is not in the VPC %s.", id, vpc);
            }
            kinds.add(group.kind());
            if (!already.contains(id)) {
                requireRoom(group, weight);
            }
        }
        if (kinds.size() > 1) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("Basic and enterprise security groups cannot be mixed.");
        }
    }

    /** Checks that {@code more} addresses fit into every basic group of an ENI. */
    void requireGrowth(List<SecurityGroupId> groups, int more) {
        for (SecurityGroupId id : groups) {
            SecurityGroup group = get(id);
            if (group.kind() == SecurityGroup.Kind.NORMAL) {
                requireRoom(group, more);
            }
        }
    }

    private void requireRoom(SecurityGroup group, int weight) {
        int used = group.kind() == SecurityGroup.Kind.NORMAL
                ? enis.addressesIn(group.id()) + weight
                : enis.in(group.id()).size() + 1;
        if (used > group.kind().capacity()) {
            throw ErrorCode.GROUP_CAPACITY.refuse(
                    "The security group %s is full; its limit is %d.",
                    group.id(), group.kind().capacity());
        }
    }
}
