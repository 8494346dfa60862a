package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.List;

/**
 * The second link of a pod whose first is the VPC's own: a veth pair to the host's stack, for the node (probes), services
 * and what else only the host reaches. What comes in by it is answered by it, whoever sent it: a NodePort keeps the
 * client's address, and the answer must meet the connection tracking of the node it came by.
 */
final class HostPeer {

    private HostPeer() {}

    static Wire.Veth wire(PodAttachment pod) {
        return new Wire.Veth(
                new LinkEntry(
                        LinkNames.hostLink(pod.pod(), pod.key().ifName()),
                        LinkNames.hostMac(pod.key()),
                        pod.mtu(),
                        true,
                        Conventions.alias(pod.key())),
                new LinkEntry(Conventions.PEER_LINK, LinkNames.podMac(pod.key()), pod.mtu(), true, ""));
    }

    /** @param node the node's own addresses, one per family as far as known */
    static void pod(NetnsState.Builder side, PodAttachment pod, List<Ip> node) {
        String link = Conventions.PEER_LINK;
        side.link(wire(pod).pod());
        for (Ip ip : pod.addresses()) {
            Family family = ip.family();
            Ip gateway = Conventions.podGateway(family);
            PodLink.sysctls(side, family, link);
            side.neighbour(new NeighbourEntry(link, gateway, LinkNames.hostMac(pod.key())));
            node.stream()
                    .filter(n -> n.family() == family)
                    .forEach(n -> side.route(via(Cidr.single(n), gateway, Conventions.MAIN_TABLE)));
            pod.reach().throughHost(family).forEach(cidr -> side.route(via(cidr, gateway, Conventions.MAIN_TABLE)));
            side.route(via(RouteEntry.everything(family), gateway, Conventions.SYMMETRIC_TABLE))
                    .rule(RuleEntry.marked(
                            family,
                            Conventions.SYMMETRIC_PRIORITY,
                            Conventions.SYMMETRIC_MARK,
                            Conventions.SYMMETRIC_TABLE));
        }
        side.table(MARKS);
    }

    /** @param node the source of what the host itself sends: the link has no address to take */
    static void host(NetnsState.Builder side, PodAttachment pod, List<Ip> node) {
        LinkEntry link = wire(pod).host();
        side.link(link);
        for (Ip ip : pod.addresses()) {
            Ip source = node.stream()
                    .filter(n -> n.family() == ip.family())
                    .findFirst()
                    .orElse(null);
            VethPolicyRoute.forwarding(side, ip.family(), link.name());
            side.neighbour(new NeighbourEntry(link.name(), ip, LinkNames.podMac(pod.key())))
                    .route(RouteEntry.direct(Cidr.single(ip), link.name(), Conventions.MAIN_TABLE)
                            .from(source));
        }
        pod.addresses().forEach(ip -> side.rule(RuleEntry.toPod(ip)));
    }

    private static RouteEntry via(Cidr cidr, Ip gateway, int table) {
        return new RouteEntry(cidr, gateway, Conventions.PEER_LINK, table);
    }

    /** Connections that came in by the peer bear a mark, and so do the packets that answer them. */
    private static final NftTable MARKS = new NftTable("inet " + Conventions.PEER_TABLE, """
            table inet %1$s {
            	chain in {
            		type filter hook prerouting priority mangle; policy accept;
            		iifname "%2$s" ct state new ct mark set ct mark | %3$s
            	}

            	chain out {
            		type route hook output priority mangle; policy accept;
            		ct direction reply ct mark & %3$s == %3$s meta mark set meta mark | %3$s
            	}
            }
            """.formatted(
                    Conventions.PEER_TABLE, Conventions.PEER_LINK, "0x%08x".formatted(Conventions.SYMMETRIC_MARK)));
}
