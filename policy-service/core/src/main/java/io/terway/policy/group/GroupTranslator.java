package io.terway.policy.group;

import io.terway.net.SecurityGroupId;
import io.terway.policy.ClusterPolicy;
import io.terway.policy.Direction;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.Policy;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyPod;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says the policies of a group's pods as rules of the group. All its pods must be bound by the same policies and all of
 * these must ask for it: a group has one set of rules for all its members, and rules of the node's enforcement would not
 * add up with it but cut it down.
 */
public final class GroupTranslator {

    /** What a policy allows. */
    static final int ALLOW_PRIORITY = 50;

    /** What holds where no policy speaks, or nothing is allowed. */
    static final int DEFAULT_PRIORITY = 100;

    private final PolicyCluster cluster;
    private final GroupType type;
    private final int quota;

    /**
     * @param quota rules that the group has room for
     */
    public GroupTranslator(PolicyCluster cluster, GroupType type, int quota) {
        this.cluster = cluster;
        this.type = type;
        this.quota = quota;
    }

    /** Groups of pods that a marked policy binds. */
    public static Set<SecurityGroupId> groups(PolicyCluster cluster) {
        Set<SecurityGroupId> out = new TreeSet<>();
        for (Policy policy : cluster.policies()) {
            if (policy instanceof NetworkPolicy network && network.bySecurityGroup()) {
                cluster.pods().stream()
                        .filter(pod -> cluster.means(network.subject(), pod))
                        .forEach(pod -> out.addAll(pod.securityGroups()));
            }
        }
        return out;
    }

    /** Live pods that have this group. */
    public List<PolicyPod> members(SecurityGroupId group) {
        return cluster.pods().stream()
                .filter(pod -> pod.selectable() && pod.securityGroups().contains(group))
                .toList();
    }

    /** The rules of a group with these members. */
    public Translation translate(List<PolicyPod> members) {
        List<String> reasons = new ArrayList<>();
        Set<NetworkPolicy> policies = policies(members, reasons);
        Set<GroupRule> rules = new LinkedHashSet<>();
        List<String> notes = new ArrayList<>();
        for (Direction direction : Direction.values()) {
            boolean isolated =
                    policies.stream().anyMatch(policy -> policy.rules(direction).isPresent());
            for (NetworkPolicy policy : policies) {
                for (PolicyRule rule : policy.rules(direction).orElse(List.of())) {
                    rules.addAll(rule(direction, policy, rule, members, reasons));
                }
            }
            rules.addAll(defaults(direction, isolated));
        }
        if (type == GroupType.BASIC && !policies.isEmpty()) {
            notes.add("members of a basic group reach each other unless its inner access policy is Drop");
        }
        if (type == GroupType.ENTERPRISE) {
            notes.add("an enterprise group cannot name other groups: pods are listed by address");
        }
        if (rules.size() > quota) {
            reasons.add("it needs " + rules.size() + " rules, the quota leaves room for " + quota);
        }
        return reasons.isEmpty()
                ? new Translation.Fits(
                        rules.stream()
                                .sorted(Comparator.comparing(GroupRule::toString))
                                .toList(),
                        EnumSet.allOf(Direction.class),
                        notes)
                : new Translation.DoesNotFit(reasons.stream().distinct().toList());
    }

    private Set<NetworkPolicy> policies(List<PolicyPod> members, List<String> reasons) {
        Map<PolicyPod, Set<Policy>> bound = new LinkedHashMap<>();
        for (PolicyPod pod : members) {
            if (pod.securityGroups().size() > 1) {
                reasons.add("pod " + pod.ref() + " has several groups, whose rules add up");
            }
            bound.put(
                    pod,
                    cluster.policies().stream()
                            .filter(policy -> cluster.means(policy.subject(), pod))
                            .collect(Collectors.toCollection(LinkedHashSet::new)));
        }
        Set<Policy> all = new LinkedHashSet<>();
        bound.values().forEach(all::addAll);
        Set<NetworkPolicy> out = new LinkedHashSet<>();
        for (Policy policy : all) {
            switch (policy) {
                case ClusterPolicy tier -> {
                    if (accepts(tier)) {
                        reasons.add("ClusterNetworkPolicy " + tier.id() + " may accept more than the policies do");
                    }
                    // What it denies the nodes deny.
                    continue;
                }
                case NetworkPolicy network -> {
                    out.add(network);
                    if (!network.bySecurityGroup()) {
                        reasons.add(
                                "policy " + network.id() + " binds its pods too and does not ask for security groups");
                    }
                }
            }
            bound.forEach((pod, of) -> {
                if (!of.contains(policy)) {
                    reasons.add("pod " + pod.ref() + " has the group and is not bound by " + policy.id());
                }
            });
        }
        return out;
    }

    private static boolean accepts(ClusterPolicy policy) {
        return policy.tier() == ClusterPolicy.Tier.ADMIN
                && Stream.of(Direction.values())
                        .flatMap(direction -> policy.rules(direction).stream())
                        .anyMatch(rule -> rule.action() == ClusterPolicy.Action.ACCEPT);
    }

    /** What a group without a rule does not do by itself: leave alone what is not isolated, and isolate. */
    private List<GroupRule> defaults(Direction direction, boolean isolated) {
        boolean open = type == GroupType.BASIC && direction == Direction.EGRESS;
        if (open != isolated) {
            return List.of();
        }
        return GroupPeers.EVERYWHERE.stream()
                .map(cidr -> new GroupRule(
                        direction, !isolated, DEFAULT_PRIORITY, "ALL", "-1/-1", new GroupRule.Peer.Block(cidr)))
                .toList();
    }

    private List<GroupRule> rule(
            Direction direction, NetworkPolicy policy, PolicyRule rule, List<PolicyPod> members, List<String> reasons) {
        String where = "rule " + rule.index() + " of " + policy.id();
        if (!rule.http().isEmpty()) {
            reasons.add(where + " has HTTP rules");
        }
        List<GroupRule> out = new ArrayList<>();
        List<String> unsaid = new ArrayList<>();
        var peers = new GroupPeers(cluster, type);
        for (PortMatch port : rule.ports()) {
            switch (port) {
                case PortMatch.Any _ -> out.addAll(rules(direction, "ALL", "-1/-1", peers.of(rule.peers(), unsaid)));
                case PortMatch.Every every ->
                    out.addAll(ports(direction, every.protocol(), 1, 65_535, peers.of(rule.peers(), unsaid), unsaid));
                case PortMatch.Range range ->
                    out.addAll(ports(
                            direction,
                            range.protocol(),
                            range.first(),
                            range.last(),
                            peers.of(rule.peers(), unsaid),
                            unsaid));
                case PortMatch.Named named ->
                    out.addAll(
                            direction == Direction.INGRESS
                                    ? ownPort(named, members, peers.of(rule.peers(), unsaid), unsaid)
                                    : theirPort(named, rule.peers(), peers, unsaid));
            }
        }
        unsaid.forEach(why -> reasons.add(where + ": " + why));
        return out;
    }

    /** A named port of the members: they must agree on its number. */
    private static List<GroupRule> ownPort(
            PortMatch.Named named, List<PolicyPod> members, List<GroupRule.Peer> peers, List<String> unsaid) {
        Set<List<Integer>> numbers =
                members.stream().map(pod -> pod.numbersOf(named)).collect(Collectors.toSet());
        if (numbers.size() > 1) {
            unsaid.add("port " + named.name() + " is not the same number on all pods of the group");
            return List.of();
        }
        List<GroupRule> out = new ArrayList<>();
        numbers.forEach(same -> same.forEach(
                number -> out.addAll(ports(Direction.INGRESS, named.protocol(), number, number, peers, unsaid))));
        return out;
    }

    /** A named port of the destinations: those with the same number together. */
    private List<GroupRule> theirPort(
            PortMatch.Named named, List<Peer> peers, GroupPeers translate, List<String> unsaid) {
        Map<Integer, List<Peer>> byNumber = new LinkedHashMap<>();
        for (PolicyPod pod : cluster.pods()) {
            if (!pod.selectable()) {
                continue;
            }
            for (io.terway.net.Ip ip : pod.ips()) {
                boolean meant = peers.stream().anyMatch(peer -> switch (peer) {
                    case Peer.Everybody _ -> true;
                    case Peer.Pods pods -> cluster.means(pods, pod);
                    case Peer.Block block -> block.contains(ip);
                    case Peer.Nodes _, Peer.World _ -> false;
                });
                if (meant) {
                    var single = new Peer.Block(io.terway.net.Cidr.single(ip), List.of());
                    pod.numbersOf(named)
                            .forEach(number -> byNumber.computeIfAbsent(number, _ -> new ArrayList<>())
                                    .add(single));
                }
            }
        }
        List<GroupRule> out = new ArrayList<>();
        byNumber.forEach((number, addresses) -> out.addAll(
                ports(Direction.EGRESS, named.protocol(), number, number, translate.of(addresses, unsaid), unsaid)));
        return out;
    }

    private static List<GroupRule> ports(
            Direction direction,
            Protocol protocol,
            int first,
            int last,
            List<GroupRule.Peer> peers,
            List<String> unsaid) {
        if (protocol == Protocol.SCTP) {
            unsaid.add("security groups know no SCTP");
            return List.of();
        }
        return rules(direction, protocol.name(), first + "/" + last, peers);
    }

    private static List<GroupRule> rules(
            Direction direction, String protocol, String portRange, List<GroupRule.Peer> peers) {
        return peers.stream()
                .map(peer -> new GroupRule(direction, true, ALLOW_PRIORITY, protocol, portRange, peer))
                .toList();
    }
}
