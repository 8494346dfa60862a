package io.terway.policy.group;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.policy.Blocks;
import io.terway.policy.Peer;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Peers of policies as blocks and, where a basic group may, as other groups. */
final class GroupPeers {

    /** All addresses of both families. */
    static final List<Cidr> EVERYWHERE = List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"));

    private final PolicyCluster cluster;
    private final GroupType type;

    GroupPeers(PolicyCluster cluster, GroupType type) {
        this.cluster = cluster;
        this.type = type;
    }

    /** The peers, as few entries as say the same; {@code DoesNotFit} reasons are added for those that cannot be said. */
    List<GroupRule.Peer> of(List<Peer> peers, List<String> reasons) {
        List<Cidr> blocks = new ArrayList<>();
        Set<PolicyPod> pods = new LinkedHashSet<>();
        for (Peer peer : peers) {
            switch (peer) {
                case Peer.Everybody _ -> blocks.addAll(EVERYWHERE);
                case Peer.Block block -> blocks.addAll(Blocks.without(block.cidr(), block.except()));
                case Peer.Pods selected ->
                    cluster.pods().stream()
                            .filter(pod -> cluster.means(selected, pod))
                            .forEach(pods::add);
                case Peer.Nodes nodes ->
                    cluster.nodes().stream()
                            .filter(node -> nodes.labels().matches(node.labels()))
                            .map(PolicyNode::addresses)
                            .forEach(addresses -> blocks.addAll(singles(addresses)));
                case Peer.World _ -> reasons.add("'world' has no list of addresses that a security group could hold");
            }
        }
        List<GroupRule.Peer> out = new ArrayList<>();
        for (SecurityGroupId group : groupsFor(pods)) {
            out.add(new GroupRule.Peer.Group(group));
        }
        Set<SecurityGroupId> named = new TreeSet<>(groupsFor(pods));
        for (PolicyPod pod : pods) {
            boolean covered = pod.securityGroups().stream().anyMatch(named::contains);
            // A group stands for IPv4 addresses only.
            blocks.addAll(singles(pod.ips().stream()
                    .filter(ip -> !covered || ip.family() == Family.IPV6)
                    .toList()));
        }
        merge(blocks).forEach(block -> out.add(new GroupRule.Peer.Block(block)));
        return out;
    }

    /** Groups all of whose pods are meant: naming the group says the same and follows its members. */
    private List<SecurityGroupId> groupsFor(Set<PolicyPod> pods) {
        if (type == GroupType.ENTERPRISE) {
            return List.of();
        }
        return pods.stream()
                .flatMap(pod -> pod.securityGroups().stream())
                .distinct()
                .filter(group -> cluster.pods().stream()
                        .filter(pod -> pod.selectable() && pod.securityGroups().contains(group))
                        .allMatch(pods::contains))
                .sorted()
                .toList();
    }

    private static List<Cidr> singles(List<Ip> addresses) {
        return addresses.stream().map(Cidr::single).toList();
    }

    /** The same addresses in the fewest blocks: two halves become their whole. */
    static List<Cidr> merge(List<Cidr> blocks) {
        List<Cidr> now = Blocks.union(blocks);
        while (true) {
            List<Cidr> out = new ArrayList<>();
            for (Cidr block : now) {
                Cidr whole =
                        block.prefixLength() == 0 ? block : Cidr.containing(block.network(), block.prefixLength() - 1);
                boolean halves = !out.isEmpty()
                        && out.getLast().prefixLength() == block.prefixLength()
                        && !out.getLast().equals(block)
                        && whole.contains(out.getLast());
                if (halves) {
                    out.removeLast();
                    out.add(whole);
                } else {
                    out.add(block);
                }
            }
            if (out.size() == now.size()) {
                return out;
            }
            now = out;
        }
    }
}
