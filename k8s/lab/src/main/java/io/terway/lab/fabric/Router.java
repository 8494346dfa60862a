package io.terway.lab.fabric;

import io.terway.lab.Shell;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Makes the empty namespaces of a lab: the router with its link to the management namespace, and the nodes. */
public final class Router {
    private static final String ROUTER_END = "169.254.255.1";
    private static final Mac MANAGEMENT_MAC = Mac.parse("ee:ff:ff:ff:ff:fe");

    private Router() {}

    /**
     * Called once per lab from the management namespace, which gets {@code services} and {@code others} as addresses of
     * the link mgmt0 and its default route through the router; {@code services} is the source of what it sends.
     */
    public static void make(Ip services, Collection<Ip> others, Collection<NodeName> nodes) {
        StringBuilder lines = new StringBuilder("netns add " + Fabric.NETNS + "\n");
        nodes.forEach(node -> lines.append("netns add " + node + "\n"));
        lines.append("link add mgmt0 address " + MANAGEMENT_MAC + " type veth peer name " + Fabric.MANAGEMENT_LINK
                + " address " + FabricScript.ROUTER_MAC + " netns " + Fabric.NETNS + "\n");
        lines.append("address add " + Cidr.single(services) + " dev mgmt0\n");
        others.forEach(ip -> lines.append("address add " + Cidr.single(ip) + " dev mgmt0\n"));
        lines.append("link set dev mgmt0 up\n");
        lines.append(
                "neigh replace " + ROUTER_END + " lladdr " + FabricScript.ROUTER_MAC + " dev mgmt0 nud permanent\n");
        lines.append("route add default via " + ROUTER_END + " dev mgmt0 onlink src " + services + "\n");
        Shell.need(List.of("ip", "-batch", "-"), lines.toString());
        Shell.need(List.of("nsenter", "--net=/run/netns/" + Fabric.NETNS, "sh", "-eu", "-c", ROUTER_SETTINGS), "");
        StringBuilder router =
                new StringBuilder("link set dev lo up\nlink set dev " + Fabric.MANAGEMENT_LINK + " up\n");
        Stream.concat(Stream.of(services), others.stream())
                .forEach(ip -> router.append("neigh replace " + ip + " lladdr " + MANAGEMENT_MAC + " dev "
                        + Fabric.MANAGEMENT_LINK + " nud permanent\nroute add " + Cidr.single(ip) + " dev "
                        + Fabric.MANAGEMENT_LINK + "\n"));
        router.append("route add blackhole default\n");
        Shell.need(List.of("ip", "-n", Fabric.NETNS, "-batch", "-"), router.toString());
        nodes.forEach(node -> Shell.need(List.of("ip", "-n", node.value(), "link", "set", "dev", "lo", "up"), ""));
    }

    /**
     * Rule 27: ARP is answered for whatever another port leads to, sources are judged by the table and not by reverse
     * paths.
     * Defaults are set too: they reach the links made later. A family that this kernel lacks is left out. Ports have a
     * link-local address, the same on all: who asks from one is answered there.
     */
    private static final String ROUTER_SETTINGS = """
            cd /proc/sys/net
            echo 1 >ipv4/ip_forward
            for at in all default mgmt; do
              echo 0 >ipv4/conf/$at/rp_filter
              echo 0 >ipv4/conf/$at/send_redirects
              echo 0 >ipv4/conf/$at/accept_redirects
              echo 1 >ipv4/conf/$at/proxy_arp
            done
            if [ -d ipv6 ]; then
              for at in all default mgmt; do echo 1 >ipv6/conf/$at/proxy_ndp; done
              echo 1 >ipv6/conf/all/forwarding
              echo 0 >ipv6/conf/default/accept_dad
              echo 0 >ipv6/conf/default/accept_ra
            fi
            """;
}
