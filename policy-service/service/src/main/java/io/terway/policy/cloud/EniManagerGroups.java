package io.terway.policy.cloud;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.terway.link.LeaderChannel;
import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import io.terway.policy.Direction;
import io.terway.policy.group.GroupDiff;
import io.terway.policy.group.GroupRule;
import io.terway.policy.group.GroupType;
import io.terway.wire.eni.v1.ChangeSecurityGroupRequest;
import io.terway.wire.eni.v1.EniManagerGrpc;
import io.terway.wire.eni.v1.ListSecurityGroupsRequest;
import io.terway.wire.eni.v1.ListSecurityGroupsResponse;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.SecurityGroup;
import io.terway.wire.eni.v1.SecurityGroupRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Security groups by eni-manager's calls; generated stubs stop here. */
public final class EniManagerGroups implements SecurityGroups, AutoCloseable {

    private static final long DEADLINE_SECONDS = 60;

    private final LeaderChannel leader;

    public EniManagerGroups(LeaderChannel leader) {
        this.leader = leader;
    }

    @Override
    public void close() {
        leader.close();
    }

    @Override
    public List<Group> list(Collection<SecurityGroupId> ids) {
        List<Group> out = new ArrayList<>();
        for (SecurityGroupId id : ids) {
            // One at a time: one that does not exist must not hide the others.
            ListSecurityGroupsResponse answer = call(stub -> stub.listSecurityGroups(
                    ListSecurityGroupsRequest.newBuilder().addIds(id.value()).build()));
            answer.getGroupsList().forEach(group -> out.add(read(group, answer.getMark())));
        }
        return out;
    }

    @Override
    public void change(SecurityGroupId group, GroupDiff diff) {
        var request = ChangeSecurityGroupRequest.newBuilder()
                .setOperationId(UUID.randomUUID().toString())
                .setGroupId(group.value())
                .addAllRemove(diff.remove());
        diff.add().forEach(rule -> request.addAdd(wire(rule)));
        Outcome outcome = call(stub -> stub.changeSecurityGroup(request.build()));
        if (outcome.hasFailure()) {
            throw new Unavailable(
                    outcome.getFailure().getCode() + ": " + outcome.getFailure().getMessage());
        }
    }

    private <T> T call(Function<EniManagerGrpc.EniManagerBlockingStub, T> call) {
        try {
            Channel channel =
                    leader.current().orElseThrow(() -> new Unavailable("no eni-manager leads; its Lease names nobody"));
            return call.apply(
                    EniManagerGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
        } catch (StatusRuntimeException e) {
            throw new Unavailable("eni-manager: " + e.getStatus().getCode() + " "
                    + String.valueOf(e.getStatus().getDescription()));
        }
    }

    private static Group read(SecurityGroup group, String mark) {
        Map<String, Optional<GroupRule>> ours = new HashMap<>();
        int others = 0;
        for (SecurityGroupRule rule : group.getRulesList()) {
            if (!mark.isEmpty() && rule.getDescription().startsWith(mark)) {
                ours.put(rule.getId(), read(rule));
            } else {
                others++;
            }
        }
        return new Group(
                new SecurityGroupId(group.getId()),
                group.getType().equals("enterprise") ? GroupType.ENTERPRISE : GroupType.BASIC,
                ours,
                others);
    }

    private static Optional<GroupRule> read(SecurityGroupRule rule) {
        try {
            GroupRule.Peer peer = rule.getGroupId().isEmpty()
                    ? new GroupRule.Peer.Block(Cidr.parse(rule.getCidr()))
                    : new GroupRule.Peer.Group(new SecurityGroupId(rule.getGroupId()));
            Direction direction =
                    rule.getDirection() == SecurityGroupRule.Direction.EGRESS ? Direction.EGRESS : Direction.INGRESS;
            return Optional.of(new GroupRule(
                    direction, rule.getAccept(), rule.getPriority(), rule.getProtocol(), rule.getPortRange(), peer));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static SecurityGroupRule wire(GroupRule rule) {
        var out = SecurityGroupRule.newBuilder()
                .setDirection(
                        switch (rule.direction()) {
                            case INGRESS -> SecurityGroupRule.Direction.INGRESS;
                            case EGRESS -> SecurityGroupRule.Direction.EGRESS;
                        })
                .setAccept(rule.accept())
                .setPriority(rule.priority())
                .setProtocol(rule.protocol())
                .setPortRange(rule.portRange())
                .setDescription("policy");
        switch (rule.peer()) {
            case GroupRule.Peer.Block block -> out.setCidr(block.cidr().toString());
            case GroupRule.Peer.Group group -> out.setGroupId(group.id().value());
        }
        return out.build();
    }
}
