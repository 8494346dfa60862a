package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.List;

/**
 * The datapaths with a veth pair: a host route to the pod, and for shared ENIs and trunk members policy rules that send its
 * traffic out of an ENI's table. Neighbours are permanent at both ends, so no ARP or discovery is ever needed between pod
 * and host.
 */
public final class VethPolicyRoute {

    private VethPolicyRoute() {}

    /** What a pod needs, given its ENI's table. */
    public static Wiring wanted(PodAttachment pod, int eniTable) {
        NetnsState.Builder host = host(pod);
        pod.addresses().forEach(ip -> host.rule(RuleEntry.toPod(ip)).rule(RuleEntry.fromPod(ip, eniTable)));
        return wiring(pod, host);
    }

    /** As {@link #wanted}, through a trunk's table, with the tag and MAC of the member. */
    public static Wiring tagged(PodAttachment pod, Connection.TrunkTag connection, String trunkLink, int trunkTable) {
        NetnsState.Builder host = host(pod);
        for (Ip ip : pod.addresses()) {
            host.rule(RuleEntry.toPod(ip)).rule(RuleEntry.fromPod(ip, trunkTable));
            host.tag(new TagEntry(
                    trunkLink, ip, connection.vlan(), connection.member().mac()));
        }
        return wiring(pod, host);
    }

    /** What a pod needs whose address the VPC routes to the node: no rule, the main table knows the way. */
    public static Wiring routed(PodAttachment pod) {
        return wiring(pod, host(pod));
    }

    private static Wiring wiring(PodAttachment pod, NetnsState.Builder host) {
        NetnsState outside = host.build();
        NetnsState inside = pod(pod);
        return new Wiring(
                List.of(new Wire.Veth(outside.links().getFirst(), inside.links().getFirst())),
                new DatapathState(outside, inside));
    }

    private static NetnsState pod(PodAttachment pod) {
        String link = pod.key().ifName();
        NetnsState.Builder side = new NetnsState.Builder();
        side.link(new LinkEntry(link, LinkNames.podMac(pod.key()), pod.mtu(), true, ""));
        for (Ip ip : pod.addresses()) {
            Ip gateway = Conventions.podGateway(ip.family());
            if (ip.family() == Family.IPV6) {
                PodLink.sysctls(side, Family.IPV6, link);
            }
            side.address(new AddressEntry(link, ip, ip.family().bits()))
                    .neighbour(new NeighbourEntry(link, gateway, LinkNames.hostMac(pod.key())));
            WayOut.routes(side, pod, ip.family(), link, List.of());
        }
        return side.build();
    }

    private static NetnsState.Builder host(PodAttachment pod) {
        String link = LinkNames.hostLink(pod.pod(), pod.key().ifName());
        NetnsState.Builder side = new NetnsState.Builder();
        side.link(new LinkEntry(link, LinkNames.hostMac(pod.key()), pod.mtu(), true, Conventions.alias(pod.key())));
        for (Ip ip : pod.addresses()) {
            forwarding(side, ip.family(), link);
            side.neighbour(new NeighbourEntry(link, ip, LinkNames.podMac(pod.key())))
                    .route(RouteEntry.direct(Cidr.single(ip), link, Conventions.MAIN_TABLE));
        }
        return side;
    }

    /** What a link between the node and pods or the VPC needs to forward: flows may leave another way than they came. */
    static void forwarding(NetnsState.Builder side, Family family, String link) {
        switch (family) {
            case IPV4 ->
                side.sysctl(key("ipv4", link, "rp_filter"), "0")
                        .sysctl(key("ipv4", link, "send_redirects"), "0")
                        .sysctl(key("ipv4", link, "forwarding"), "1");
            case IPV6 ->
                side.sysctl(key("ipv6", link, "disable_ipv6"), "0")
                        .sysctl(key("ipv6", link, "accept_ra"), "0")
                        .sysctl(key("ipv6", link, "accept_dad"), "0")
                        .sysctl(key("ipv6", link, "forwarding"), "1");
        }
    }

    static String key(String family, String link, String name) {
        return "net/" + family + "/conf/" + link + "/" + name;
    }
}
