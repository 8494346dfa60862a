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
        List<RuleEntry> rules,
        List<TagEntry> tags,
        List<NftTable> tables) {

    /** Nothing. */
    public static final NetnsState EMPTY =
            new NetnsState(List.of(), new LinkedHashMap<>(), List.of(), List.of(), List.of(), List.of());

    /** A state without tags and tables. */
    public NetnsState(
            List<LinkEntry> links,
            SequencedMap<String, String> sysctls,
            List<AddressEntry> addresses,
            List<NeighbourEntry> neighbours,
            List<RouteEntry> routes,
            List<RuleEntry> rules) {
        this(links, sysctls, addresses, neighbours, routes, rules, List.of(), List.of());
    }

    public NetnsState {
        links = List.copyOf(links);
        sysctls = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(sysctls));
        addresses = List.copyOf(addresses);
        neighbours = List.copyOf(neighbours);
        routes = List.copyOf(routes);
        rules = List.copyOf(rules);
        tags = List.copyOf(tags);
        tables = List.copyOf(tables);
    }

    /** The link of this name. */
    public Optional<LinkEntry> link(String name) {
        return links.stream().filter(l -> l.name().equals(name)).findFirst();
    }

    /** This with these tags. */
    public NetnsState withTags(List<TagEntry> tags) {
        return new NetnsState(links, sysctls, addresses, neighbours, routes, rules, tags, tables);
    }

    /** This without a link and everything that goes with it. */
    NetnsState without(String link) {
        return new NetnsState(
                links.stream().filter(l -> !l.name().equals(link)).toList(),
                withoutLinkSysctls(link),
                addresses.stream().filter(a -> !a.link().equals(link)).toList(),
                neighbours.stream().filter(n -> !n.link().equals(link)).toList(),
                routes.stream().filter(r -> !r.link().equals(link)).toList(),
                rules,
                tags,
                tables);
    }

    /** This with a link that was just made or moved: down. */
    NetnsState withNew(LinkEntry made, String alias) {
        NetnsState before = without(made.name());
        List<LinkEntry> all = new ArrayList<>(before.links);
        all.add(new LinkEntry(made.name(), made.mac(), made.mtu(), false, alias));
        return new NetnsState(
                all,
                before.sysctls,
                before.addresses,
                before.neighbours,
                before.routes,
                before.rules,
                before.tags,
                before.tables);
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
        private final List<TagEntry> tags = new ArrayList<>();
        private final List<NftTable> tables = new ArrayList<>();

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

        Builder tag(TagEntry tag) {
            tags.add(tag);
            return this;
        }

        Builder table(NftTable table) {
            tables.add(table);
            return this;
        }

        NetnsState build() {
            return new NetnsState(links, sysctls, addresses, neighbours, routes, rules, tags, tables);
        }
    }
}
