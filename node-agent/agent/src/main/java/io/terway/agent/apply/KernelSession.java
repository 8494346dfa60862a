package io.terway.agent.apply;

import io.terway.linux.netlink.Address;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteFilter;
import io.terway.linux.netns.NetnsFd;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.DatapathOp;
import io.terway.node.datapath.DatapathState;
import io.terway.node.datapath.LinkEntry;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.NetnsState;
import io.terway.node.datapath.NodeUplink;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.RouteEntry;
import io.terway.node.datapath.RuleEntry;
import io.terway.node.datapath.TagEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Observes and changes the host's and one pod's namespace, on one thread that dies afterwards. */
final class KernelSession implements AutoCloseable {

    /** Links on top of an ENI carry its MAC too. */
    private static final Set<String> STACKED = Set.of("ipvlan", "macvlan", "vlan");

    private static final int NO_LINK = -1;

    private final NetnsKernel host;
    private final NetnsFd hostNetns;
    private final TrunkTags tags;
    private Optional<NetnsFd> podNetns = Optional.empty();
    private Optional<NetnsKernel> pod = Optional.empty();

    private KernelSession(NetnsFd hostNetns, TrunkTags tags) {
        this.host = NetnsKernel.enter(hostNetns);
        this.hostNetns = hostNetns;
        this.tags = tags;
    }

    static KernelSession open(NetnsFd host, TrunkTags tags) {
        return new KernelSession(host, tags);
    }

    void openPod(Path netns) {
        NetnsFd fd = NetnsFd.open(netns);
        podNetns = Optional.of(fd);
        pod = Optional.of(NetnsKernel.enter(fd));
    }

    /** Every link of the host's namespace. */
    List<Link> links() {
        List<Link> found = host.socket().links();
        tags.keep(found.stream().map(Link::index).collect(Collectors.toSet()));
        return found;
    }

    /** Trunk members whose tags are not as they must be. */
    Set<SandboxKey> untagged(Collection<PodAttachment> pods, List<Link> links) {
        List<Link> own = links.stream().filter(l -> !STACKED.contains(l.kind())).toList();
        return tags.damaged(host.socket(), pods, own);
    }

    /** The ENI's own link. */
    Optional<Link> eni(Mac mac) {
        Optional<Link> found = host.socket().links().stream()
                .filter(l -> l.mac().equals(mac) && !STACKED.contains(l.kind()))
                .findFirst();
        found.ifPresent(host::remember);
        found.ifPresent(link -> tags.adopt(host.socket(), link.index()));
        return found;
    }

    /** The link of this index while it still has this MAC. */
    Optional<Link> eni(int ifindex, Mac mac) {
        Optional<Link> found = host.socket().link(ifindex).filter(l -> l.mac().equals(mac));
        found.ifPresent(host::remember);
        return found;
    }

    /** The pod's link of this name, if it is the ENI with this MAC. */
    Optional<Link> inPod(String link, Mac mac) {
        return pod.orElseThrow().socket().link(link).filter(l -> l.mac().equals(mac));
    }

    /**
     * The first global address, per family, of the link with the node's own default route.
     *
     * @param needed false: not asked, none is told
     */
    List<Ip> nodeAddresses(boolean needed) {
        List<Ip> addresses = new ArrayList<>();
        for (Family family : needed ? Family.values() : new Family[0]) {
            primary(family).stream()
                    .flatMap(link -> host.socket().addresses(host.index(link)).stream())
                    .filter(a -> a.ip().family() == family && a.scope() == 0)
                    .map(Address::ip)
                    .findFirst()
                    .ifPresent(addresses::add);
        }
        return addresses;
    }

    /** The link of the node's own default route. */
    Optional<String> primary(Family family) {
        return host.socket().routes(RouteFilter.table(family, Conventions.MAIN_TABLE)).stream()
                .filter(r -> r.destination().prefixLength() == 0)
                .flatMap(r -> host.socket().link(r.ifindex()).stream())
                .peek(host::remember)
                .map(Link::name)
                .findFirst();
    }

    /** The node's own ways out. */
    List<NodeUplink> uplinks(Collection<Family> families) {
        List<NodeUplink> uplinks = new ArrayList<>();
        for (Family family : families) {
            host.socket().routes(RouteFilter.table(family, Conventions.MAIN_TABLE)).stream()
                    .filter(r -> r.destination().prefixLength() == 0 && r.ifindex() != 0)
                    .min(Comparator.comparingInt(Route::metric))
                    .flatMap(r -> host.socket().link(r.ifindex()).map(link -> {
                        host.remember(link);
                        return new NodeUplink(family, link.name(), r.gateway());
                    }))
                    .ifPresent(uplinks::add);
        }
        return uplinks;
    }

    /** The smallest MTU of these ways out; 0 when there is none. */
    int mtu(List<NodeUplink> uplinks) {
        return uplinks.stream()
                .flatMap(uplink -> host.link(uplink.link()).stream())
                .mapToInt(LinkEntry::mtu)
                .min()
                .orElse(0);
    }

    /** What is there of what is wanted for the node, and what an earlier wish of the kind has left. */
    DatapathState observeNode(DatapathState wanted) {
        List<RouteEntry> routes = new ArrayList<>();
        List<RuleEntry> rules = new ArrayList<>();
        for (Family family : Family.values()) {
            ours(host, EnumSet.of(family)).stream()
                    .filter(r -> r.type() == Route.UNREACHABLE)
                    .flatMap(r -> host.entry(r).stream())
                    .forEach(routes::add);
            host
                    .socket()
                    .routes(RouteFilter.table(family, Conventions.SYMMETRIC_TABLE)
                            .protocol(Conventions.PROTOCOL))
                    .stream()
                    .flatMap(r -> host.entry(r).stream())
                    .forEach(routes::add);
            host.socket().rules(family).stream()
                    .filter(r -> r.protocol() == Conventions.PROTOCOL)
                    .filter(r -> r.priority() == Conventions.SYMMETRIC_PRIORITY
                            || r.priority() == Conventions.BY_HOST_PRIORITY)
                    .map(NetnsKernel::entry)
                    .forEach(rules::add);
        }
        return new DatapathState(
                new NetnsState(
                        List.of(),
                        host.sysctls(wanted.host().sysctls().keySet()),
                        List.of(),
                        List.of(),
                        routes,
                        rules,
                        List.of(),
                        wanted.host().tables().stream()
                                .flatMap(t -> host.table(t.name()).stream())
                                .toList()),
                NetnsState.EMPTY);
    }

    /** What is there of what is wanted for an ENI. */
    DatapathState observeEni(DatapathState wanted) {
        LinkEntry link = host.link(wanted.host().links().getFirst().name()).orElseThrow();
        List<RouteEntry> routes = new ArrayList<>();
        for (RouteEntry route : wanted.host().routes()) {
            RouteFilter filter = RouteFilter.table(route.destination().family(), route.table())
                    .protocol(Conventions.PROTOCOL);
            host.socket().routes(filter).stream()
                    .flatMap(r -> host.entry(r).stream())
                    .forEach(routes::add);
        }
        NetnsState found = new NetnsState(
                List.of(link), host.sysctls(wanted.host().sysctls().keySet()), List.of(), List.of(), routes, List.of());
        return new DatapathState(found, NetnsState.EMPTY);
    }

    /** What is there of what is wanted for a pod, and what of ours stands in its way. */
    DatapathState observe(PodAttachment attachment, DatapathState wanted) {
        NetnsState outside = observeHost(
                LinkNames.hostLink(attachment.pod(), attachment.key().ifName()),
                attachment.addresses(),
                wanted.host().sysctls().keySet());
        List<TagEntry> found = new ArrayList<>();
        for (TagEntry tag : wanted.host().tags()) {
            tags.find(host.socket(), host.index(tag.trunkLink()), tag.trunkLink(), tag.from())
                    .ifPresent(found::add);
        }
        return new DatapathState(outside.withTags(found), PodObservation.of(pod.orElseThrow(), wanted.pod()));
    }

    /** What a DEL must look at: as {@link #observeHost}, with tags, and every link in the pod if that is open. */
    DatapathState observeForDel(String hostLink, Collection<Ip> addresses) {
        List<TagEntry> found = new ArrayList<>();
        for (int trunk : tags.trunks()) {
            Optional<Link> link = host.socket().link(trunk);
            link.ifPresent(host::remember);
            for (Ip ip : link.isPresent() ? addresses : List.<Ip>of()) {
                tags.find(host.socket(), trunk, link.get().name(), ip).ifPresent(found::add);
            }
        }
        NetnsState outside = observeHost(hostLink, addresses, List.of()).withTags(found);
        return new DatapathState(outside, pod.map(PodObservation::links).orElse(NetnsState.EMPTY));
    }

    /** A pod's host link, and our routes and rules about its addresses or through its link. */
    private NetnsState observeHost(String name, Collection<Ip> addresses, Collection<String> sysctls) {
        Optional<LinkEntry> link = host.link(name);
        Set<Ip> concerned = new LinkedHashSet<>(addresses);
        List<RouteEntry> routes = new ArrayList<>();
        int index = link.isPresent() ? host.index(name) : NO_LINK;
        for (Route route : ours(host, families(addresses))) {
            Ip destination = route.destination().network();
            if (route.ifindex() == index || concerned.contains(destination)) {
                host.entry(route).ifPresent(routes::add);
                concerned.add(destination);
            }
        }
        List<RuleEntry> rules = new ArrayList<>();
        for (Family family : families(addresses)) {
            host.socket().rules(family).stream()
                    .filter(r -> r.protocol() == Conventions.PROTOCOL)
                    .map(NetnsKernel::entry)
                    .filter(r -> concerned.stream().anyMatch(r::concerns))
                    .forEach(rules::add);
        }
        return new NetnsState(
                link.stream().toList(),
                link.isPresent() ? host.sysctls(sysctls) : NetnsState.EMPTY.sysctls(),
                List.of(),
                link.isPresent() ? host.neighbours(name) : List.of(),
                routes,
                rules);
    }

    /** Carries a plan out. */
    PlanExecution execute(List<DatapathOp> ops) {
        PlanExecution execution = new PlanExecution(host, hostNetns, pod, podNetns, tags);
        execution.run(ops);
        return execution;
    }

    @Override
    public void close() {
        host.close();
        pod.ifPresent(NetnsKernel::close);
        podNetns.ifPresent(NetnsFd::close);
    }

    private static List<Route> ours(NetnsKernel kernel, Set<Family> families) {
        List<Route> found = new ArrayList<>();
        for (Family family : families) {
            found.addAll(kernel.socket()
                    .routes(RouteFilter.table(family, Conventions.MAIN_TABLE).protocol(Conventions.PROTOCOL)));
        }
        return found;
    }

    /** Without any address, both: something of either may be left. */
    private static Set<Family> families(Collection<Ip> addresses) {
        Set<Family> families = EnumSet.noneOf(Family.class);
        addresses.forEach(ip -> families.add(ip.family()));
        return families.isEmpty() ? EnumSet.allOf(Family.class) : families;
    }
}
