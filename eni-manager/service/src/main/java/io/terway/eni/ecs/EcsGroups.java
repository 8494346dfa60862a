package io.terway.eni.ecs;

import com.aliyuncs.ecs.model.v20140526.AuthorizeSecurityGroupEgressRequest;
import com.aliyuncs.ecs.model.v20140526.AuthorizeSecurityGroupRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeSecurityGroupAttributeRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeSecurityGroupAttributeResponse;
import com.aliyuncs.ecs.model.v20140526.DescribeSecurityGroupAttributeResponse.Permission;
import com.aliyuncs.ecs.model.v20140526.DescribeSecurityGroupsRequest;
import com.aliyuncs.ecs.model.v20140526.RevokeSecurityGroupEgressRequest;
import com.aliyuncs.ecs.model.v20140526.RevokeSecurityGroupRequest;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudGroups;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.GroupRule;
import io.terway.eni.GroupRule.Direction;
import io.terway.eni.GroupRule.Peer;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Security groups of the real cloud. Any thread. */
public final class EcsGroups implements CloudGroups {

    private static final Optional<Duration> MUTATING = Optional.of(EcsClient.MUTATION);
    private static final Optional<Duration> READING = Optional.empty();
    private static final int PAGE = 1_000;

    /** Pages of a group that are read: more rules than any quota. */
    private static final int MAX_PAGES = 10;

    private final EcsClient client;

    public EcsGroups(EcsClient client) {
        this.client = client;
    }

    @Override
    public CloudResult<Map<SecurityGroupId, String>> types(List<SecurityGroupId> ids) {
        DescribeSecurityGroupsRequest request = new DescribeSecurityGroupsRequest();
        request.setSecurityGroupIds(
                ids.stream().map(id -> '"' + id.value() + '"').collect(Collectors.joining(",", "[", "]")));
        request.setMaxResults(100);
        return client.send(request, READING, page -> {
            Map<SecurityGroupId, String> types = new HashMap<>();
            page.getSecurityGroups()
                    .forEach(group -> types.put(
                            new SecurityGroupId(group.getSecurityGroupId()), text(group.getSecurityGroupType())));
            return types;
        });
    }

    @Override
    public CloudResult<List<GroupRule>> rules(SecurityGroupId group) {
        List<GroupRule> all = new ArrayList<>();
        String next = "";
        for (int page = 0; page < MAX_PAGES; page++) {
            DescribeSecurityGroupAttributeRequest request = new DescribeSecurityGroupAttributeRequest();
            request.setSecurityGroupId(group.value());
            request.setDirection("all");
            request.setMaxResults(PAGE);
            if (!next.isEmpty()) {
                request.setNextToken(next);
            }
            switch (client.send(request, READING, answer -> answer)) {
                case CloudResult.Failed<DescribeSecurityGroupAttributeResponse>(CloudFailure failure) -> {
                    return CloudResult.failed(failure);
                }
                case CloudResult.Ok<DescribeSecurityGroupAttributeResponse>(var answer) -> {
                    answer.getPermissions().forEach(rule -> all.add(from(rule)));
                    next = text(answer.getNextToken());
                }
            }
            if (next.isEmpty()) {
                break;
            }
        }
        return CloudResult.ok(List.copyOf(all));
    }

    @Override
    public CloudResult<Done> authorize(
            SecurityGroupId group, Direction direction, List<GroupRule> rules, String clientToken) {
        return switch (direction) {
            case INGRESS -> {
                AuthorizeSecurityGroupRequest request = new AuthorizeSecurityGroupRequest();
                request.setSecurityGroupId(group.value());
                request.setClientToken(clientToken);
                request.setPermissions(rules.stream().map(EcsGroups::ingress).toList());
                yield client.send(request, MUTATING, _ -> Done.DONE);
            }
            case EGRESS -> {
                AuthorizeSecurityGroupEgressRequest request = new AuthorizeSecurityGroupEgressRequest();
                request.setSecurityGroupId(group.value());
                request.setClientToken(clientToken);
                request.setPermissions(rules.stream().map(EcsGroups::egress).toList());
                yield client.send(request, MUTATING, _ -> Done.DONE);
            }
        };
    }

    @Override
    public CloudResult<Done> revoke(SecurityGroupId group, Direction direction, List<String> ids, String clientToken) {
        return switch (direction) {
            case INGRESS -> {
                RevokeSecurityGroupRequest request = new RevokeSecurityGroupRequest();
                request.setSecurityGroupId(group.value());
                request.setClientToken(clientToken);
                request.setSecurityGroupRuleIds(ids);
                yield client.send(request, MUTATING, _ -> Done.DONE);
            }
            case EGRESS -> {
                RevokeSecurityGroupEgressRequest request = new RevokeSecurityGroupEgressRequest();
                request.setSecurityGroupId(group.value());
                request.setClientToken(clientToken);
                request.setSecurityGroupRuleIds(ids);
                yield client.send(request, MUTATING, _ -> Done.DONE);
            }
        };
    }

    private static AuthorizeSecurityGroupRequest.Permissions ingress(GroupRule rule) {
        AuthorizeSecurityGroupRequest.Permissions to = new AuthorizeSecurityGroupRequest.Permissions();
        to.setPolicy(rule.accept() ? "accept" : "drop");
        to.setPriority(Integer.toString(rule.priority()));
        to.setIpProtocol(rule.protocol());
        to.setPortRange(rule.portRange());
        to.setDescription(rule.description());
        switch (rule.peer()) {
            case Peer.Block(Cidr block) when block.family() == Family.IPV4 -> to.setSourceCidrIp(block.toString());
            case Peer.Block(Cidr block) -> to.setIpv6SourceCidrIp(block.toString());
            case Peer.Group(SecurityGroupId id) -> to.setSourceGroupId(id.value());
            case Peer.Other(String list) -> to.setSourcePrefixListId(list);
        }
        return to;
    }

    private static AuthorizeSecurityGroupEgressRequest.Permissions egress(GroupRule rule) {
        AuthorizeSecurityGroupEgressRequest.Permissions to = new AuthorizeSecurityGroupEgressRequest.Permissions();
        to.setPolicy(rule.accept() ? "accept" : "drop");
        to.setPriority(Integer.toString(rule.priority()));
        to.setIpProtocol(rule.protocol());
        to.setPortRange(rule.portRange());
        to.setDescription(rule.description());
        switch (rule.peer()) {
            case Peer.Block(Cidr block) when block.family() == Family.IPV4 -> to.setDestCidrIp(block.toString());
            case Peer.Block(Cidr block) -> to.setIpv6DestCidrIp(block.toString());
            case Peer.Group(SecurityGroupId id) -> to.setDestGroupId(id.value());
            case Peer.Other(String list) -> to.setDestPrefixListId(list);
        }
        return to;
    }

    private static GroupRule from(Permission rule) {
        boolean egress = "egress".equalsIgnoreCase(rule.getDirection());
        return new GroupRule(
                text(rule.getSecurityGroupRuleId()),
                egress ? Direction.EGRESS : Direction.INGRESS,
                "accept".equalsIgnoreCase(rule.getPolicy()),
                Integer.parseInt(rule.getPriority()),
                text(rule.getIpProtocol()),
                text(rule.getPortRange()),
                egress
                        ? peer(
                                rule.getDestCidrIp(),
                                rule.getIpv6DestCidrIp(),
                                rule.getDestGroupId(),
                                rule.getDestPrefixListId())
                        : peer(
                                rule.getSourceCidrIp(),
                                rule.getIpv6SourceCidrIp(),
                                rule.getSourceGroupId(),
                                rule.getSourcePrefixListId()),
                text(rule.getDescription()));
    }

    /** A bare address counts as a block of its own. */
    private static Peer peer(String ipv4, String ipv6, String group, String list) {
        if (!text(ipv4).isEmpty()) {
            return new Peer.Block(Cidr.parseMasking(ipv4.contains("/") ? ipv4 : ipv4 + "/32"));
        }
        if (!text(ipv6).isEmpty()) {
            return new Peer.Block(Cidr.parseMasking(ipv6.contains("/") ? ipv6 : ipv6 + "/128"));
        }
        return text(group).isEmpty() ? new Peer.Other(text(list)) : new Peer.Group(new SecurityGroupId(group));
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
