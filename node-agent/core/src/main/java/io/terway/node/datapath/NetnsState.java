package io.terway.node.datapath;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The objects in one namespace that concern a plan: as wanted, or as found. What is found holds our objects (by maker's
 * number) and the links and sysctls that are wanted, nothing foreign. Order is kept, because it is the order of work.
 */
public record NetnsState(
        List<LinkEntry> links,
        SequencedMap<String, String> sysctls,
        List<AddressEntry> addresses,
        List<NeighbourEntry> neighbours,
        List<RouteEntry> routes,
        List<RuleEntry> rules) {

    /** Nothing. */
    public static final NetnsState EMPTY =
            new NetnsState(List.of(), new LinkedHashMap<>(), List.of(), List.of(), List.of(), List.of());

    public NetnsState {
        links = List.copyOf(links);
        sysctls = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(sysctls));
        addresses = List.copyOf(addresses);
        neighbours = List.copyOf(neighbours);
        routes = List.copyOf(routes);
        rules = List.copyOf(rules);
    }

    /** The link of this name. */
    public Optional<LinkEntry> link(String name) {
        return links.stream().filter(l -> l.name().equals(name)).findFirst();
    }

    /** This without a link and everything that goes with it. */
    NetnsState without(String link) {
        return new NetnsState(
                links.stream().filter(l -> !l.name().equals(link)).toList(),
                withoutLinkSysctls(link),
                addresses.stream().filter(a -> !a.link().equals(link)).toList(),
                neighbours.stream().filter(n -> !n.link().equals(link)).toList(),
                routes.stream().filter(r -> !r.link().equals(link)).toList(),
                rules);
    }

    private SequencedMap<String, String> withoutLinkSysctls(String link) {
        SequencedMap<String, String> kept = new LinkedHashMap<>(sysctls);
        kept.keySet().removeIf(key -> key.contains("/conf/" + link + "/"));
        return kept;
    }

    /** Collects a state. */
    static final class Builder {
        private final List<LinkEntry> links = new ArrayList<>();
        private final SequencedMap<String, String> sysctls = new LinkedHashMap<>();
        private final List<AddressEntry> addresses = new ArrayList<>();
        private final List<NeighbourEntry> neighbours = new ArrayList<>();
        private final List<RouteEntry> routes = new ArrayList<>();
        private final List<RuleEntry> rules = new ArrayList<>();

        Builder link(LinkEntry link) {
            links.add(link);
            return this;
        }

        Builder sysctl(String key, String value) {
            sysctls.put(key, value);
            return this;
        }

        Builder address(AddressEntry address) {
            addresses.add(address);
            return this;
        }

        Builder neighbour(NeighbourEntry neighbour) {
            neighbours.add(neighbour);
            return this;
        }

        Builder route(RouteEntry route) {
            routes.add(route);
            return this;
        }

        Builder rule(RuleEntry rule) {
            rules.add(rule);
            return this;
        }

        NetnsState build() {
            return new NetnsState(links, sysctls, addresses, neighbours, routes, rules);
        }
    }
}
