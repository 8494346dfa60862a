package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.util.Optional;

/**
 * What the host needs for an ENI whose addresses pods share: the link up, forwarding, and a table of its own whose
 * default route is the vSwitch's gateway. The gateway is onlink in both families, so no route of it appears in main, where
 * ENIs of one vSwitch would collide.
 */
public final class EniRoute {

    private EniRoute() {}

    /**
     * @param link the ENI's link as found
     * @param ifindex its index, which numbers the table
     * @param mtu the least it must carry; a larger one stays
     * @param primary the link with the node's own default route, whose router advertisements must stay accepted once the
     *     node forwards; empty when unknown
     */
    public static DatapathState wanted(
            EniAttachment eni, LinkEntry link, int ifindex, int mtu, Optional<String> primary) {
        NetnsState.Builder host = new NetnsState.Builder();
        host.link(new LinkEntry(link.name(), link.mac(), Math.max(link.mtu(), mtu), true, link.alias()));
        for (Cidr subnet : eni.subnets()) {
            Family family = subnet.family();
            if (family == Family.IPV6) {
                primary.ifPresent(p -> host.sysctl(VethPolicyRoute.key("ipv6", p, "accept_ra"), "2"));
            }
            node(host, family);
            if (family == Family.IPV4 || !primary.equals(Optional.of(link.name()))) {
                VethPolicyRoute.forwarding(host, family, link.name());
            }
            host.route(RouteEntry.defaultVia(subnet.vSwitchGateway(), link.name(), Conventions.table(ifindex)));
        }
        return new DatapathState(host.build(), NetnsState.EMPTY);
    }

    /** The kernel takes the stricter of "all" and the link for rp_filter, and either for send_redirects. */
    static void node(NetnsState.Builder host, Family family) {
        switch (family) {
            case IPV4 ->
                host.sysctl("net/ipv4/ip_forward", "1")
                        .sysctl("net/ipv4/conf/all/rp_filter", "0")
                        .sysctl("net/ipv4/conf/default/rp_filter", "0")
                        .sysctl("net/ipv4/conf/all/send_redirects", "0");
            case IPV6 -> host.sysctl("net/ipv6/conf/all/disable_ipv6", "0").sysctl("net/ipv6/conf/all/forwarding", "1");
        }
    }
}
