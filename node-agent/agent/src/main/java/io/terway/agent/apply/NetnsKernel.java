package io.terway.agent.apply;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Address;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.LinkChange;
import io.terway.linux.netlink.LinkConfig;
import io.terway.linux.netlink.Neighbour;
import io.terway.linux.netlink.Request;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netlink.Rule;
import io.terway.linux.netns.NetnsFd;
import io.terway.linux.nft.Nft;
import io.terway.linux.nft.NftResult;
import io.terway.linux.sysctl.Sysctl;
import io.terway.net.Family;
import io.terway.node.datapath.AddressEntry;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkEntry;
import io.terway.node.datapath.NeighbourEntry;
import io.terway.node.datapath.NftTable;
import io.terway.node.datapath.RouteEntry;
import io.terway.node.datapath.RuleEntry;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One namespace as a session sees it: its socket, its sysctls, and the indexes of the links it has met. One thread. */
final class NetnsKernel implements AutoCloseable {

    private static final Pattern LINK_SYSCTL = Pattern.compile("net/ipv([46])/conf/([^/]+)/([^/]+)");

    private final NetnsFd netns;
    private final RouteSocket socket;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();
    private final Map<String, LinkConfig> configs = new HashMap<>();

    private NetnsKernel(NetnsFd netns, RouteSocket socket) {
        this.netns = netns;
        this.socket = socket;
    }

    /** Moves the calling thread into {@code netns} and opens it. */
    static NetnsKernel enter(NetnsFd netns) {
        netns.enter();
        return new NetnsKernel(netns, RouteSocket.open());
    }

    RouteSocket socket() {
        return socket;
    }

    Optional<LinkEntry> link(String name) {
        Optional<Link> link = socket.link(name);
        link.ifPresent(this::remember);
        return link.map(NetnsKernel::entry);
    }

    void remember(Link link) {
        indexes.put(link.name(), link.index());
        names.put(link.index(), link.name());
        configs.put(link.name(), link.config());
    }

    /** The index of a link that was met before. */
    int index(String link) {
        Integer index = indexes.get(link);
        if (index == null) {
            throw new KernelRefusal("find link " + link, Errno.ENODEV, "");
        }
        return index;
    }

    static LinkEntry entry(Link link) {
        return new LinkEntry(link.name(), link.mac(), link.mtu(), link.up(), link.alias());
    }

    /** Our addresses on a link that was met before. */
    List<AddressEntry> addresses(String link) {
        return socket.addresses(index(link)).stream()
                .filter(a -> a.protocol() == Conventions.PROTOCOL)
                .map(a -> new AddressEntry(link, a.ip(), a.prefixLength()))
                .toList();
    }

    /** Our neighbours on a link that was met before. */
    List<NeighbourEntry> neighbours(String link) {
        return socket.neighbours(index(link)).stream()
                .filter(n -> n.isPermanent() && n.protocol() == Conventions.PROTOCOL)
                .map(n -> new NeighbourEntry(link, n.ip(), n.mac()))
                .toList();
    }

    /** A route as the planner knows it. One with a gateway that is not onlink, or another MSS, is not as we make them. */
    Optional<RouteEntry> entry(Route route) {
        if (route.gateway() != null && !route.onlink() || route.advmss() != mss(route.family(), route.mtu())) {
            return Optional.empty();
        }
        String link = route.type() == Route.UNREACHABLE ? "" : name(route.ifindex());
        return Optional.of(
                new RouteEntry(route.destination(), route.gateway(), link, route.table(), route.source(), route.mtu()));
    }

    static RuleEntry entry(Rule rule) {
        return new RuleEntry(rule.priority(), rule.from(), rule.to(), rule.mark() & rule.markMask(), rule.table());
    }

    /** The values of those keys that exist. */
    SequencedMap<String, String> sysctls(Collection<String> keys) {
        SequencedMap<String, String> values = new LinkedHashMap<>();
        keys.forEach(key -> sysctl(key).ifPresent(value -> values.put(key, value)));
        return values;
    }

    /** Writes where the value differs; a read-only /proc/sys is no failure where it is right already. */
    void sysctl(String key, String value) {
        if (sysctl(key).filter(value::equals).isEmpty()) {
            netns.enter();
            Sysctl.write(key, value);
        }
    }

    /** From the link's last message where it tells, else from /proc/sys. */
    private Optional<String> sysctl(String key) {
        Matcher matcher = LINK_SYSCTL.matcher(key);
        if (matcher.matches() && configs.containsKey(matcher.group(2))) {
            Family family = matcher.group(1).equals("4") ? Family.IPV4 : Family.IPV6;
            OptionalInt told = configs.get(matcher.group(2)).value(family, matcher.group(3));
            if (told.isPresent()) {
                return Optional.of(Integer.toString(told.getAsInt()));
            }
        }
        netns.enter();
        return Sysctl.read(key);
    }

    /** Only what differs; a link that must go down does so by {@code RetireLink}. */
    Request change(LinkEntry found, LinkEntry wanted) {
        LinkChange change = LinkChange.of(index(wanted.name()));
        if (!found.mac().equals(wanted.mac())) {
            change.mac(wanted.mac());
        }
        if (found.mtu() != wanted.mtu()) {
            change.mtu(wanted.mtu());
        }
        if (!found.alias().equals(wanted.alias())) {
            change.alias(wanted.alias());
        }
        return wanted.up() ? change.up().request() : change.request();
    }

    Address address(AddressEntry entry) {
        return Address.of(index(entry.link()), entry.ip(), entry.prefixLength()).protocol(Conventions.PROTOCOL);
    }

    Neighbour neighbour(NeighbourEntry entry) {
        return Neighbour.permanent(index(entry.link()), entry.ip(), entry.mac()).protocol(Conventions.PROTOCOL);
    }

    Route route(RouteEntry entry) {
        Route route = entry.isUnreachable()
                ? Route.refusing(entry.destination(), Route.UNREACHABLE)
                : Route.to(entry.destination(), index(entry.link()));
        route = route.table(entry.table())
                .protocol(Conventions.PROTOCOL)
                .source(entry.source())
                .mtu(entry.mtu())
                .advmss(mss(entry.destination().family(), entry.mtu()));
        return entry.gateway() == null ? route : route.viaOnlink(entry.gateway());
    }

    /** What a TCP segment may carry on a route with an MTU of its own: both headers taken off. */
    private static int mss(Family family, int mtu) {
        return mtu == 0 ? 0 : mtu - (family == Family.IPV4 ? 40 : 60);
    }

    static Rule rule(RuleEntry entry) {
        Rule rule = Rule.lookup(entry.from().family(), entry.priority(), entry.table())
                .from(entry.from())
                .to(entry.to())
                .protocol(Conventions.PROTOCOL);
        return entry.mark() == 0 ? rule : rule.mark(entry.mark(), entry.mark());
    }

    /** The table as nft lists it; empty when it is not there. */
    Optional<NftTable> table(String name) {
        netns.enter();
        return switch (Nft.runHere("list table " + name)) {
            case NftResult.Applied(String listing) -> Optional.of(new NftTable(name, listing));
            case NftResult.Rejected _ -> Optional.empty();
        };
    }

    /** Replaces the table in one transaction. */
    void put(NftTable table) {
        netns.enter();
        String commands =
                "add table " + table.name() + "\ndelete table " + table.name() + "\n" + table.listing() + "\n";
        if (Nft.runHere(commands) instanceof NftResult.Rejected(String reason)) {
            throw new KernelRefusal("put nft table " + table.name(), Errno.EINVAL, reason);
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private String name(int ifindex) {
        String known = names.get(ifindex);
        if (known != null) {
            return known;
        }
        Optional<Link> link = socket.link(ifindex);
        link.ifPresent(this::remember);
        return link.map(Link::name).orElse("link " + ifindex);
    }
}
