package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;

/**
 * The datapath of shared ENIs: a veth pair, a host route to the pod, and policy rules that send its traffic out of its
 * ENI's table. Neighbours are permanent at both ends, so no ARP or discovery is ever needed between pod and host.
 */
public final class VethPolicyRoute {

    private VethPolicyRoute() {}

    /** What a pod needs, given its ENI's table. */
    public static DatapathState wanted(PodAttachment pod, int eniTable) {
        String host = LinkNames.hostLink(pod.pod(), pod.key().ifName());
        return new DatapathState(host(pod, host, eniTable), pod(pod));
    }

    private static NetnsState pod(PodAttachment pod) {
        String link = pod.key().ifName();
        NetnsState.Builder side = new NetnsState.Builder();
        side.link(new LinkEntry(link, LinkNames.podMac(pod.key()), pod.mtu(), true, ""));
        for (Ip ip : pod.addresses()) {
            Ip gateway = Conventions.podGateway(ip.family());
            if (ip.family() == Family.IPV6) {
                // Some runtimes switch IPv6 off in a new sandbox. accept_dad: the address is usable at once.
                side.sysctl(key("ipv6", link, "disable_ipv6"), "0")
                        .sysctl(key("ipv6", link, "accept_ra"), "0")
                        .sysctl(key("ipv6", link, "accept_dad"), "0");
            }
            side.address(new AddressEntry(link, ip, ip.family().bits()))
                    .neighbour(new NeighbourEntry(link, gateway, LinkNames.hostMac(pod.key())))
                    .route(RouteEntry.defaultVia(gateway, link, Conventions.MAIN_TABLE));
        }
        return side.build();
    }

    private static NetnsState host(PodAttachment pod, String link, int eniTable) {
        NetnsState.Builder side = new NetnsState.Builder();
        side.link(new LinkEntry(link, LinkNames.hostMac(pod.key()), pod.mtu(), true, Conventions.alias(pod.key())));
        for (Ip ip : pod.addresses()) {
            forwarding(side, ip.family(), link);
            side.neighbour(new NeighbourEntry(link, ip, LinkNames.podMac(pod.key())))
                    .route(RouteEntry.direct(Cidr.single(ip), link, Conventions.MAIN_TABLE));
        }
        for (Ip ip : pod.addresses()) {
            side.rule(RuleEntry.toPod(ip)).rule(RuleEntry.fromPod(ip, eniTable));
        }
        return side.build();
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
