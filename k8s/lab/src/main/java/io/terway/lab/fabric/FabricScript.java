package io.terway.lab.fabric;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Operations as text for the tools: {@code nft -f -}, then {@code ip -batch -} in the router, then
 * {@code ip -batch -} in the management namespace for the nodes' ends, then {@link Tagging}. Pure.
 *
 * @param nft one atomic transaction; empty = nothing to do
 * @param router lines for {@code ip -n vpc -batch -}
 * @param nodes lines per node, each for {@code ip -n NODE -batch -}
 * @param unbinds tags that no member has any more; before everything else
 * @param binds members to be joined to their trunks; after everything else
 */
public record FabricScript(
        String nft,
        String router,
        List<NodeLines> nodes,
        List<FabricOp.UnbindTag> unbinds,
        List<FabricOp.BindTag> binds) {

    /** Every router link bears it: what a node sees as the hardware address of its gateway and of every neighbour. */
    public static final Mac ROUTER_MAC = Mac.parse("ee:ff:ff:ff:ff:ff");

    /** Links to be deleted are put into this group first: one unregistration instead of many (rule 29). */
    static final int LEAVING_GROUP = 29;

    static final String TABLE = "inet vpc";
    static final String DROPPED = "spoofed";

    public record NodeLines(String node, String lines) {}

    /** The rules of the router, safe to repeat: they add to what is there. */
    public static String rules(String managementLink) {
        return """
                table inet vpc {
                  counter spoofed { comment "IP packets from a source that the ENI does not own" }
                  set own4 { typeof iifname . ether saddr . ip saddr; }
                  set own6 { typeof iifname . ether saddr . ip6 saddr; }
                  set block4 { typeof iifname . ether saddr . ip saddr; flags interval; }
                  set block6 { typeof iifname . ether saddr . ip6 saddr; flags interval; }
                  chain source { type filter hook prerouting priority raw; policy drop; }
                }
                flush chain inet vpc source
                table inet vpc {
                  chain source {
                    iifname { "lo", "%s" } accept
                    iifname . ether saddr . ip saddr @own4 accept
                    iifname . ether saddr . ip6 saddr @own6 accept
                    iifname . ether saddr . ip saddr @block4 accept
                    iifname . ether saddr . ip6 saddr @block6 accept
                    ip6 saddr :: icmpv6 type nd-neighbor-solicit drop comment "nobody else has the address"
                    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept
                    ip6 daddr ff00::/8 drop comment "the VPC carries no multicast"
                    counter name "spoofed"
                  }
                }
                """.formatted(managementLink);
    }

    /** The text of these operations, in their order within each tool. */
    public static FabricScript of(List<FabricOp> ops) {
        StringBuilder nft = new StringBuilder();
        StringBuilder router = new StringBuilder();
        SortedMap<String, StringBuilder> nodes = new TreeMap<>();
        List<FabricOp.UnbindTag> unbinds = new ArrayList<>();
        List<FabricOp.BindTag> binds = new ArrayList<>();
        for (FabricOp op : ops) {
            switch (op) {
                case FabricOp.Allow allow -> nft.append(element("add", allow.link(), allow.mac(), allow.source()));
                case FabricOp.Forbid forbid ->
                    nft.append(element("delete", forbid.link(), forbid.mac(), forbid.source()));
                case FabricOp.ConfigurePrimary primary ->
                    nodes.computeIfAbsent(primary.node().value(), name -> new StringBuilder())
                            .append(configure(primary));
                case FabricOp.UnbindTag unbind -> unbinds.add(unbind);
                case FabricOp.BindTag bind -> binds.add(bind);
                case FabricOp.OfRouter change -> router.append(line(change));
            }
        }
        List<NodeLines> perNode = nodes.entrySet().stream()
                .map(entry -> new NodeLines(entry.getKey(), entry.getValue().toString()))
                .toList();
        return new FabricScript(nft.toString(), router.toString(), perNode, List.copyOf(unbinds), List.copyOf(binds));
    }

    private static String line(FabricOp.OfRouter op) {
        return switch (op) {
            case FabricOp.PlugPort plug -> plug(plug);
            case FabricOp.PlugMember plug -> plug(plug);
            case FabricOp.UnplugPorts unplug -> unplug(unplug.links());
            case FabricOp.AddGateway add ->
                "address add " + Cidr.single(add.gateway()) + " dev lo" + nodad(add.gateway()) + "\n";
            case FabricOp.RemoveGateway remove -> "address del " + Cidr.single(remove.gateway()) + " dev lo\n";
            case FabricOp.AddNeighbour add ->
                "neigh replace " + add.ip() + " lladdr " + add.mac() + " dev " + add.link() + " nud permanent\n";
            case FabricOp.RemoveNeighbour remove -> "neigh del " + remove.ip() + " dev " + remove.link() + "\n";
            case FabricOp.Answer answer -> "neigh add proxy " + answer.ip() + " dev " + answer.link() + "\n";
            case FabricOp.StopAnswering stop -> "neigh del proxy " + stop.ip() + " dev " + stop.link() + "\n";
            case FabricOp.AddRoute add -> "route replace " + route(add.link(), add.route()) + "\n";
            case FabricOp.RemoveRoute remove -> "route del " + route(remove.link(), remove.route()) + "\n";
        };
    }

    /**
     * The kernel picks the lowest free ethN for a secondary ENI, as it does for hot-plugged hardware. By default it
     * would also hold each ARP answer for another port back by up to 0.8 s.
     */
    private static String plug(FabricOp.PlugPort plug) {
        String link = Port.linkOf(plug.eni());
        return "link add " + link + " address " + ROUTER_MAC + " type veth peer name "
                + (plug.primary() ? "eth0" : "eth%d") + " address " + plug.mac() + " netns " + plug.node() + "\n"
                + "link set dev " + link + " alias " + alias(plug) + " up\n"
                + proxyDelays(link, plug.ipv6());
    }

    /** Nothing comes through until the tag is bound, and only then it gets its alias. */
    private static String plug(FabricOp.PlugMember plug) {
        String link = Port.linkOf(plug.eni());
        String far = Port.memberEndOf(plug.eni());
        return "link add " + link + " address " + ROUTER_MAC + " type veth peer name " + far + "\nlink set dev " + far
                + " up\nlink set dev " + link + " up\n" + proxyDelays(link, plug.ipv6());
    }

    private static String proxyDelays(String link, boolean ipv6) {
        String change = "ntable change name %s dev " + link + " proxy_delay 0\n";
        return change.formatted("arp_cache") + (ipv6 ? change.formatted("ndisc_cache") : "");
    }

    /** The id and the MAC, which the router's end does not show otherwise; the reader of a restarted cloud needs both. */
    private static String alias(FabricOp.PlugPort plug) {
        return plug.eni() + "," + plug.mac();
    }

    /** The same of a member, with its tag. */
    static String alias(FabricOp.BindTag bind) {
        return bind.eni() + "," + bind.mac() + "," + bind.tag().trunk() + ","
                + bind.tag().vlan();
    }

    private static String configure(FabricOp.ConfigurePrimary primary) {
        Ip gateway = primary.subnet().vSwitchGateway();
        return "address add " + primary.address() + "/" + primary.subnet().prefixLength() + " dev eth0"
                + nodad(primary.address()) + "\nlink set dev eth0 up\nroute add default via " + gateway
                + " dev eth0\n";
    }

    private static String unplug(List<String> links) {
        StringBuilder lines = new StringBuilder();
        links.forEach(link -> lines.append("link set dev " + link + " group " + LEAVING_GROUP + "\n"));
        return lines.append("link del group " + LEAVING_GROUP + "\n").toString();
    }

    private static String route(String link, Port.Route route) {
        String to = route.to() + " dev " + link;
        return route.direct() ? to : to + " via " + route.via() + " onlink";
    }

    private static String element(String verb, String link, Mac mac, Cidr source) {
        boolean single = source.prefixLength() == source.family().bits();
        String set = (single ? "own" : "block") + (source.family() == Family.IPV4 ? "4" : "6");
        return verb + " element " + TABLE + " " + set + " { \"" + link + "\" . " + mac + " . "
                + (single ? source.network() : source) + " }\n";
    }

    private static String nodad(Ip ip) {
        return ip.family() == Family.IPV6 ? " nodad" : "";
    }
}
