package io.terway.eni.grpc;

import io.terway.eni.ClusterTags;
import io.terway.eni.GroupRule;
import io.terway.eni.GroupRule.Direction;
import io.terway.eni.GroupRule.Peer;
import io.terway.eni.SecurityGroup;
import io.terway.eni.VpcRoute;
import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import io.terway.wire.eni.v1.ListRoutesResponse;
import io.terway.wire.eni.v1.ListSecurityGroupsResponse;
import io.terway.wire.eni.v1.RouteEntry;
import io.terway.wire.eni.v1.SecurityGroupRule;
import java.util.ArrayList;
import java.util.List;

/** Security group rules and route entries to the wire and from it. */
final class GroupWire {

    private GroupWire() {}

    static ListSecurityGroupsResponse to(List<SecurityGroup> groups, ClusterTags tags) {
        ListSecurityGroupsResponse.Builder out =
                ListSecurityGroupsResponse.newBuilder().setMark(tags.mark());
        for (SecurityGroup group : groups) {
            out.addGroups(io.terway.wire.eni.v1.SecurityGroup.newBuilder()
                    .setId(group.id().value())
                    .setType(group.type())
                    .addAllRules(group.rules().stream().map(GroupWire::to).toList()));
        }
        return out.build();
    }

    private static SecurityGroupRule to(GroupRule rule) {
        SecurityGroupRule.Builder out = SecurityGroupRule.newBuilder()
                .setId(rule.id())
                .setDirection(
                        switch (rule.direction()) {
                            case INGRESS -> SecurityGroupRule.Direction.INGRESS;
                            case EGRESS -> SecurityGroupRule.Direction.EGRESS;
                        })
                .setAccept(rule.accept())
                .setPriority(rule.priority())
                .setProtocol(rule.protocol().equals("ICMPV6") ? "ICMPv6" : rule.protocol())
                .setPortRange(rule.portRange())
                .setDescription(rule.description());
        switch (rule.peer()) {
            case Peer.Block(Cidr block) -> out.setCidr(block.toString());
            case Peer.Group(SecurityGroupId id) -> out.setGroupId(id.value());
            case Peer.Other _ -> {}
        }
        return out.build();
    }

    static List<GroupRule> rules(List<SecurityGroupRule> wired) {
        List<GroupRule> rules = new ArrayList<>(wired.size());
        for (int i = 0; i < wired.size(); i++) {
            rules.add(rule("add[" + i + "]", wired.get(i)));
        }
        return rules;
    }

    private static GroupRule rule(String field, SecurityGroupRule rule) {
        Direction direction = switch (rule.getDirection()) {
            case INGRESS -> Direction.INGRESS;
            case EGRESS -> Direction.EGRESS;
            case DIRECTION_UNSPECIFIED, UNRECOGNIZED ->
                throw Fields.invalid(field + ".direction: it is neither INGRESS nor EGRESS");
        };
        if (rule.getCidr().isEmpty() == rule.getGroupId().isEmpty()) {
            throw Fields.invalid(field + ".cidr: exactly one of cidr and group_id is set, not '" + rule.getCidr()
                    + "' and '" + rule.getGroupId() + "'");
        }
        Peer peer = rule.getCidr().isEmpty()
                ? new Peer.Group(Fields.read(field + ".group_id", rule.getGroupId(), SecurityGroupId::new))
                : new Peer.Block(Fields.read(field + ".cidr", rule.getCidr(), Cidr::parse));
        return Fields.read(
                field,
                "",
                _ -> new GroupRule(
                        "",
                        direction,
                        rule.getAccept(),
                        rule.getPriority(),
                        rule.getProtocol(),
                        rule.getPortRange(),
                        peer,
                        rule.getDescription()));
    }

    static ListRoutesResponse to(List<VpcRoute> routes, ClusterTags tags, int quota) {
        ListRoutesResponse.Builder out = ListRoutesResponse.newBuilder().setQuota(quota);
        for (VpcRoute route : routes) {
            out.addRoutes(RouteEntry.newBuilder()
                    .setCidr(route.destination().toString())
                    .setNextHop(route.nextHop())
                    .setStatus(route.status())
                    .setOurs(tags.owns(route)));
        }
        return out.build();
    }
}
