package io.terway.eni.sim.vpc;

import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What security groups do with the first packet of a connection (facts, section 4). The slow and obvious form: a data plane
 * that compiles the rules is tested against it.
 */
public final class Firewall {

    /** The smaller number wins; at equal priority drop wins. */
    private static final Comparator<SecurityRule> STRONGEST =
            Comparator.comparingInt(SecurityRule::priority).thenComparing(SecurityRule::accept);

    private final Function<SecurityGroupId, Set<Ip>> members;

    /** @param members the private addresses of every ENI in a group */
    public Firewall(Function<SecurityGroupId, Set<Ip>> members) {
        this.members = members;
    }

    /**
     * A packet as rules see it.
     *
     * @param ingress true when it goes to the ENI
     * @param protocol tcp, udp, icmp, icmpv6 or gre
     * @param port the destination port; ignored for protocols without ports
     * @param peer the address at the other end
     */
    public record Packet(boolean ingress, String protocol, int port, Ip peer) {}

    /** True when the packet passes an ENI that is in these groups, which are of one kind. */
    public boolean accepts(Collection<SecurityGroup> groups, Packet packet) {
        boolean basic = groups.stream().allMatch(g -> g.kind() == SecurityGroup.Kind.NORMAL);
        boolean inside = groups.stream()
                .anyMatch(g -> g.innerAccept() && members.apply(g.id()).contains(packet.peer()));
        if (basic && inside) {
            return true;
        }
        List<SecurityRule> hits = groups.stream()
                .flatMap(g -> g.rules().stream())
                .filter(rule -> matches(rule, packet))
                .toList();
        boolean otherwise = basic && !packet.ingress();
        return hits.stream().min(STRONGEST).map(SecurityRule::accept).orElse(otherwise);
    }

    private boolean matches(SecurityRule rule, Packet packet) {
        boolean protocol = rule.protocol().equals("all") || rule.protocol().equals(packet.protocol());
        boolean port = rule.firstPort() < 0 || rule.firstPort() <= packet.port() && packet.port() <= rule.lastPort();
        return rule.ingress() == packet.ingress() && protocol && port && isPeer(rule.peer(), packet.peer());
    }

    private boolean isPeer(SecurityRule.Peer peer, Ip ip) {
        return switch (peer) {
            case SecurityRule.Peer.Block block -> block.cidr().contains(ip);
            case SecurityRule.Peer.Group group -> members.apply(group.group()).contains(ip);
            case SecurityRule.Peer.PrefixList list -> false;
        };
    }
}
