package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.util.List;
import java.util.Optional;

/**
 * What the host needs beside links: that it forwards, that nothing of a pod's block loops, that pods which reach the world
 * through the host's stack do so with the node's address, and that answers leave by the link their question came by.
 */
public final class NodePlan {

    private static final String PODS = "\"cali*\"";
    private static final String MARK = "0x%08x".formatted(Conventions.SYMMETRIC_MARK);

    private NodePlan() {}

    /** @param uplinks the node's own ways out, at most one per family */
    public static DatapathState wanted(NodeNetwork node, List<NodeUplink> uplinks) {
        NetnsState.Builder host = new NetnsState.Builder();
        for (Family family : node.families()) {
            Optional<NodeUplink> uplink =
                    uplinks.stream().filter(u -> u.family() == family).findFirst();
            sysctls(host, family, uplink);
            node.podCidrs().stream()
                    .filter(c -> c.family() == family)
                    .forEach(c -> host.route(RouteEntry.unreachable(c, Conventions.MAIN_TABLE)));
            node.snatCidrs().stream().filter(c -> c.family() == family).forEach(c -> host.rule(RuleEntry.byHost(c)));
            uplink.filter(u -> node.symmetric() && u.gateway() != null)
                    .ifPresent(
                            u -> host.route(RouteEntry.defaultVia(u.gateway(), u.link(), Conventions.SYMMETRIC_TABLE))
                                    .rule(RuleEntry.marked(
                                            family,
                                            Conventions.SYMMETRIC_PRIORITY,
                                            Conventions.SYMMETRIC_MARK,
                                            Conventions.SYMMETRIC_TABLE)));
        }
        uplinks.stream().findFirst().ifPresent(uplink -> host.table(table(node, uplink.link())));
        return new DatapathState(host.build(), NetnsState.EMPTY);
    }

    /** The link's accept_ra before the node forwards: a router ignores advertisements otherwise, its own gateway's too. */
    private static void sysctls(NetnsState.Builder host, Family family, Optional<NodeUplink> uplink) {
        switch (family) {
            case IPV4 -> {
                EniRoute.node(host, family);
                host.sysctl("net/ipv4/conf/all/log_martians", "0");
                uplink.ifPresent(u -> host.sysctl(VethPolicyRoute.key("ipv4", u.link(), "rp_filter"), "0")
                        .sysctl(VethPolicyRoute.key("ipv4", u.link(), "send_redirects"), "0"));
            }
            case IPV6 -> {
                uplink.ifPresent(u -> host.sysctl(VethPolicyRoute.key("ipv6", u.link(), "accept_ra"), "2"));
                EniRoute.node(host, family);
            }
        }
    }

    /**
     * A pod's packet that leaves by the node's own link has an address that is at home elsewhere, unless it is of the
     * node's pod block: that keeps it but for snat_cidrs.
     */
    private static NftTable table(NodeNetwork node, String uplink) {
        StringBuilder rules = new StringBuilder("table inet " + Conventions.NODE_TABLE + " {\n");
        if (node.symmetric()) {
            rules.append("""
                    	chain in {
                    		type filter hook prerouting priority mangle; policy accept;
                    		iifname "%1$s" ct state new ct mark set ct mark | %2$s
                    		iifname %3$s ct direction reply ct mark & %2$s == %2$s meta mark set meta mark | %2$s
                    	}

                    """.formatted(uplink, MARK, PODS));
        }
        rules.append("""
                	chain out {
                		type nat hook postrouting priority srcnat; policy accept;
                """);
        String leaving = "\t\tiifname " + PODS + " oifname \"" + uplink + "\" ";
        node.snatCidrs()
                .forEach(c -> rules.append(leaving)
                        .append(field(c))
                        .append("daddr ")
                        .append(c)
                        .append(" masquerade\n"));
        for (Family family : node.families()) {
            // nft leaves out what follows from the rest of the rule, and the listing is compared.
            rules.append(leaving)
                    .append(node.podCidrs().stream()
                            .filter(c -> c.family() == family)
                            .map(c -> field(c) + "saddr != " + c)
                            .findFirst()
                            .orElse("meta nfproto " + (family == Family.IPV4 ? "ipv4" : "ipv6")))
                    .append(" masquerade\n");
        }
        return new NftTable(
                "inet " + Conventions.NODE_TABLE, rules.append("\t}\n}\n").toString());
    }

    private static String field(Cidr cidr) {
        return cidr.family() == Family.IPV4 ? "ip " : "ip6 ";
    }
}
