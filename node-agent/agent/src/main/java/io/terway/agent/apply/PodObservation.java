package io.terway.agent.apply;

import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteFilter;
import io.terway.net.Family;
import io.terway.node.datapath.AddressEntry;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkEntry;
import io.terway.node.datapath.NeighbourEntry;
import io.terway.node.datapath.NetnsState;
import io.terway.node.datapath.NftTable;
import io.terway.node.datapath.RouteEntry;
import io.terway.node.datapath.RuleEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/** What is inside a pod of what is wanted there, and what of ours stands in its way. */
final class PodObservation {

    private PodObservation() {}

    /** A sandbox without any wanted link is new: nothing else is read. */
    static NetnsState of(NetnsKernel pod, NetnsState wanted) {
        List<LinkEntry> links = new ArrayList<>();
        wanted.links().forEach(link -> pod.link(link.name()).ifPresent(links::add));
        if (links.isEmpty()) {
            return NetnsState.EMPTY;
        }
        List<AddressEntry> addresses = new ArrayList<>();
        List<NeighbourEntry> neighbours = new ArrayList<>();
        for (LinkEntry link : links) {
            addresses.addAll(pod.addresses(link.name()));
            neighbours.addAll(pod.neighbours(link.name()));
        }
        return new NetnsState(
                links,
                sysctls(pod, wanted, links),
                addresses,
                neighbours,
                routes(pod, wanted, links),
                rules(pod, wanted),
                List.of(),
                tables(pod, wanted));
    }

    /** Every link there is, for a DEL. */
    static NetnsState links(NetnsKernel pod) {
        List<Link> found = pod.socket().links();
        found.forEach(pod::remember);
        return new NetnsState(
                found.stream()
                        .filter(l -> !l.loopback())
                        .map(NetnsKernel::entry)
                        .toList(),
                new LinkedHashMap<>(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static SequencedMap<String, String> sysctls(NetnsKernel pod, NetnsState wanted, List<LinkEntry> links) {
        return pod.sysctls(wanted.sysctls().keySet().stream()
                .filter(key -> key.contains("/conf/all/")
                        || links.stream().anyMatch(l -> key.contains("/conf/" + l.name() + "/")))
                .toList());
    }

    private static List<RouteEntry> routes(NetnsKernel pod, NetnsState wanted, List<LinkEntry> links) {
        Set<RouteFilter> filters = new LinkedHashSet<>();
        wanted.routes()
                .forEach(r -> filters.add(
                        RouteFilter.table(r.destination().family(), r.table()).protocol(Conventions.PROTOCOL)));
        List<RouteEntry> routes = new ArrayList<>();
        for (RouteFilter filter : filters) {
            for (Route route : pod.socket().routes(filter)) {
                if (links.stream().anyMatch(l -> pod.index(l.name()) == route.ifindex())) {
                    pod.entry(route).ifPresent(routes::add);
                }
            }
        }
        return routes;
    }

    private static List<RuleEntry> rules(NetnsKernel pod, NetnsState wanted) {
        Set<Family> families = new LinkedHashSet<>();
        wanted.rules().forEach(r -> families.add(r.from().family()));
        List<RuleEntry> rules = new ArrayList<>();
        for (Family family : families) {
            pod.socket().rules(family).stream()
                    .filter(r -> r.protocol() == Conventions.PROTOCOL)
                    .map(NetnsKernel::entry)
                    .forEach(rules::add);
        }
        return rules;
    }

    private static List<NftTable> tables(NetnsKernel pod, NetnsState wanted) {
        return wanted.tables().stream()
                .flatMap(table -> pod.table(table.name()).stream())
                .toList();
    }
}
