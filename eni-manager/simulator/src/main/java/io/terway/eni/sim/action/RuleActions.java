package io.terway.eni.sim.action;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Page;
import io.terway.eni.sim.rpc.Params;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.SecurityRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Authorizing, revoking, changing and listing the rules of a security group. */
final class RuleActions {

    private static final Page.Bounds BOUNDS = new Page.Bounds(500, 1000, 500, 10, 1000);

    private RuleActions() {}

    static List<Action> all() {
        return List.of(
                Action.tokenChange("AuthorizeSecurityGroup", c -> authorize(c, true)),
                Action.tokenChange("AuthorizeSecurityGroupEgress", c -> authorize(c, false)),
                Action.tokenChange("RevokeSecurityGroup", c -> revoke(c, true)),
                Action.tokenChange("RevokeSecurityGroupEgress", c -> revoke(c, false)),
                Action.tokenChange("ModifySecurityGroupRule", c -> modify(c, true)),
                Action.tokenChange("ModifySecurityGroupEgressRule", c -> modify(c, false)),
                Action.read("DescribeSecurityGroupAttribute", RuleActions::describe));
    }

    private static Fields authorize(Call call, boolean ingress) {
        SecurityGroup group = GroupActions.group(call);
        List<Params> asked = RuleParams.asked(call.params());
        if (asked.isEmpty()) {
            throw Params.missing("Permissions.1.IpProtocol");
        }
        List<SecurityRule> rules = new ArrayList<>(group.rules());
        for (Params one : asked) {
            SecurityRule rule =
                    RuleParams.parse(one, ingress, call.cloud().ids().next("sgr-bp1"), call.now());
            requirePeer(call, group, rule);
            if (rules.stream().noneMatch(rule::sameAs)) {
                rules.add(rule);
            }
        }
        if (rules.size() > group.rules().size()) {
            call.cloud().groups().put(group.withRules(rules));
        }
        return Fields.of();
    }

    private static void requirePeer(Call call, SecurityGroup group, SecurityRule rule) {
        if (rule.peer() instanceof SecurityRule.Peer.Group peer) {
            if (group.kind() == SecurityGroup.Kind.ENTERPRISE) {
                throw ErrorCode.INVALID_PARAMETER.refuse("An enterprise security group cannot name a group in a rule.");
            }
            call.cloud().groups().get(peer.group());
        }
    }

    private static Fields revoke(Call call, boolean ingress) {
        SecurityGroup group = GroupActions.group(call);
        List<String> ids = call.params().list("SecurityGroupRuleId", 100, t -> t);
        List<SecurityRule> rules = new ArrayList<>(group.rules());
        for (String id : ids) {
            if (!rules.removeIf(r -> r.id().equals(id) && r.ingress() == ingress)) {
                throw ErrorCode.GROUP_RULE_NOT_FOUND.refuse("The rule %s does not exist in %s.", id, group.id());
            }
        }
        List<Params> asked = ids.isEmpty() ? RuleParams.asked(call.params()) : List.of();
        if (ids.isEmpty() && asked.isEmpty()) {
            throw Params.missing("SecurityGroupRuleId");
        }
        for (Params one : asked) {
            SecurityRule wanted = RuleParams.parse(one, ingress, "", call.now());
            rules.removeIf(r -> r.sameMatch(wanted) && r.accept() == wanted.accept());
        }
        if (rules.size() < group.rules().size()) {
            call.cloud().groups().put(group.withRules(rules));
        }
        return Fields.of();
    }

    private static Fields modify(Call call, boolean ingress) {
        SecurityGroup group = GroupActions.group(call);
        String id = call.params().required("SecurityGroupRuleId");
        SecurityRule old = group.rules().stream()
                .filter(r -> r.id().equals(id) && r.ingress() == ingress)
                .findFirst()
                .orElseThrow(() ->
                        ErrorCode.GROUP_RULE_NOT_FOUND.refuse("The rule %s does not exist in %s.", id, group.id()));
        SecurityRule changed = RuleParams.parse(call.params(), ingress, id, old.created());
        requirePeer(call, group, changed);
        boolean otherKind = !changed.peer().getClass().equals(old.peer().getClass());
        boolean duplicate = group.rules().stream().anyMatch(r -> !r.id().equals(id) && r.sameAs(changed));
        if (otherKind || duplicate) {
            throw ErrorCode.INVALID_PARAMETER.refuse(
                    "The rule %s cannot %s.", id, otherKind ? "change its kind of peer" : "duplicate another rule");
        }
        List<SecurityRule> rules = new ArrayList<>(group.rules());
        rules.replaceAll(r -> r.id().equals(id) ? changed : r);
        call.cloud().groups().put(group.withRules(rules));
        return Fields.of();
    }

    private static Fields describe(Call call) {
        SecurityGroup group = GroupActions.group(call);
        String direction = call.params().text("Direction", "all").toLowerCase(Locale.ROOT);
        Page asked = Page.asked(call.params(), BOUNDS, "MaxResults");
        Page page = new Page(true, asked.cursor(), 1, asked.size());
        Page.Slice<SecurityRule> slice = page.cut(
                group.rules().stream()
                        .filter(r -> direction.equals("all") || direction.equals(direction(r)))
                        .sorted(java.util.Comparator.comparing(SecurityRule::id))
                        .filter(r -> r.id().compareTo(page.cursor()) > 0)
                        .iterator(),
                SecurityRule::id);
        return slice.about()
                .put("SecurityGroupId", group.id().value())
                .put("SecurityGroupName", group.name())
                .put("Description", group.description())
                .put("VpcId", group.vpc().value())
                .put("RegionId", call.cloud().region())
                .put("InnerAccessPolicy", group.innerAccept() ? "Accept" : "Drop")
                .list("Permissions", "Permission", slice.items(), RuleActions::described);
    }

    private static Fields described(SecurityRule rule) {
        Fields out = Fields.of()
                .put("SecurityGroupRuleId", rule.id())
                .put("Direction", direction(rule))
                .put("IpProtocol", rule.protocol().toUpperCase(Locale.ROOT))
                .put("PortRange", rule.firstPort() + "/" + rule.lastPort())
                .put("Policy", rule.accept() ? "Accept" : "Drop")
                .put("Priority", String.valueOf(rule.priority()))
                .put("NicType", "intranet")
                .put("Description", rule.description())
                .put("CreateTime", EniFields.seconds(rule.created()));
        String side = rule.ingress() ? "Source" : "Dest";
        return switch (rule.peer()) {
            case SecurityRule.Peer.Block b
            when b.cidr().family().bits() == 32 ->
                out.put(side + "CidrIp", b.cidr().toString());
            case SecurityRule.Peer.Block b ->
                out.put("Ipv6" + side + "CidrIp", b.cidr().toString());
            case SecurityRule.Peer.Group g ->
                out.put(side + "GroupId", g.group().value());
            case SecurityRule.Peer.PrefixList p -> out.put(side + "PrefixListId", p.list());
        };
    }

    private static String direction(SecurityRule rule) {
        return rule.ingress() ? "ingress" : "egress";
    }
}
