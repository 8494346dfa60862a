package io.terway.agent.apply;

import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteFilter;
import io.terway.linux.netns.NetnsFd;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.DatapathOp;
import io.terway.node.datapath.DatapathState;
import io.terway.node.datapath.LinkEntry;
import io.terway.node.datapath.NetnsState;
import io.terway.node.datapath.RouteEntry;
import io.terway.node.datapath.RuleEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Observes and changes the host's and one pod's namespace, on one thread that dies afterwards. */
final class KernelSession implements AutoCloseable {

    /** Links on top of an ENI carry its MAC too. */
    private static final Set<String> STACKED = Set.of("ipvlan", "macvlan", "vlan");

    private static final int NO_LINK = -1;

    private final NetnsKernel host;
    private Optional<NetnsFd> podNetns = Optional.empty();
    private Optional<NetnsKernel> pod = Optional.empty();

    private KernelSession(NetnsKernel host) {
        this.host = host;
    }

    static KernelSession open(NetnsFd host) {
        return new KernelSession(NetnsKernel.enter(host));
    }

    void openPod(Path netns) {
        NetnsFd fd = NetnsFd.open(netns);
        podNetns = Optional.of(fd);
        pod = Optional.of(NetnsKernel.enter(fd));
    }

    /** The ENI's own link. */
    Optional<Link> eni(Mac mac) {
        Optional<Link> found = host.socket().links().stream()
                .filter(l -> l.mac().equals(mac) && !STACKED.contains(l.kind()))
                .findFirst();
        found.ifPresent(host::remember);
        return found;
    }

    /** The link of this index while it still has this MAC. */
    Optional<Link> eni(int ifindex, Mac mac) {
        Optional<Link> found = host.socket().link(ifindex).filter(l -> l.mac().equals(mac));
        found.ifPresent(host::remember);
        return found;
    }

    /** The link of the node's own default route. */
    Optional<String> primary(Family family) {
        return host.socket().routes(RouteFilter.table(family, Conventions.MAIN_TABLE)).stream()
                .filter(r -> r.destination().prefixLength() == 0)
                .flatMap(r -> host.socket().link(r.ifindex()).stream())
                .map(Link::name)
                .findFirst();
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
    DatapathState observe(DatapathState wanted, Collection<Ip> addresses) {
        NetnsKernel inside = pod.orElseThrow();
        String podLink = wanted.pod().links().getFirst().name();
        NetnsState podState = inside.link(podLink)
                .map(link -> new NetnsState(
                        List.of(link),
                        inside.sysctls(wanted.pod().sysctls().keySet()),
                        inside.addresses(podLink),
                        inside.neighbours(podLink),
                        ours(inside, families(addresses)).stream()
                                .filter(r -> r.ifindex() == inside.index(podLink))
                                .flatMap(r -> inside.entry(r).stream())
                                .toList(),
                        List.of()))
                .orElse(NetnsState.EMPTY);
        return new DatapathState(
                observeHost(
                        wanted.host().links().getFirst().name(),
                        addresses,
                        wanted.host().sysctls().keySet()),
                podState);
    }

    /** A pod's host link, and our routes and rules about its addresses or through its link. */
    NetnsState observeHost(String name, Collection<Ip> addresses, Collection<String> sysctls) {
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
        PlanExecution execution = new PlanExecution(host, pod, podNetns);
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
