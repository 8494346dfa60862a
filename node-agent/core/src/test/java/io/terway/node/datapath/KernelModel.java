package io.terway.node.datapath;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/** The kernel as far as plans go: refuses what it would refuse, and loses what goes with a link that goes down. */
final class KernelModel {

    private NetnsState host;
    private NetnsState pod;

    KernelModel(DatapathState start) {
        host = start.host();
        pod = start.pod();
    }

    DatapathState state() {
        return new DatapathState(host, pod);
    }

    void run(List<DatapathOp> ops) {
        ops.forEach(this::run);
    }

    private void run(DatapathOp op) {
        switch (op) {
            case DatapathOp.MakeVeth(LinkEntry h, LinkEntry p) -> makeVeth(h, p);
            case DatapathOp.MoveIn(String name, LinkEntry link) -> {
                host = loseLink(host, name);
                newInPod(link);
            }
            case DatapathOp.MoveHome(LinkEntry link, String name) -> {
                pod = loseLink(pod, link.name());
                host = links(host, put(host.links(), new LinkEntry(name, link.mac(), link.mtu(), false, link.alias())));
            }
            case DatapathOp.MakeChild(String parent, Wire.Slice _, LinkEntry link) -> {
                host.link(parent).orElseThrow(() -> new IllegalStateException("ENODEV: " + parent));
                newInPod(link);
            }
            case DatapathOp.PutTag(TagEntry t) -> host = tags(host, with(sameKeyGone(host.tags(), t), t));
            case DatapathOp.DeleteTag(TagEntry t) -> host = tags(host, minus(host.tags(), t));
            case DatapathOp.PutTable(Place place, NftTable t) -> at(place, s -> table(s, t));
            case DatapathOp.RetireLink(String name, String _) -> host = loseLink(host, name);
            case DatapathOp.DeletePodLink(String name) -> pod = loseLink(pod, name);
            case DatapathOp.ChangeLink(Place place, LinkEntry _, LinkEntry wanted) ->
                at(place, s -> links(loseIfDown(s, wanted.name()), put(s.links(), wanted)));
            case DatapathOp.SetSysctl(Place place, String key, String value) -> at(place, s -> sysctl(s, key, value));
            case DatapathOp.AddAddress(Place place, AddressEntry a) ->
                at(place, s -> addresses(s, with(s.addresses(), a)));
            case DatapathOp.DeleteAddress(Place place, AddressEntry a) -> at(place, s -> deleteAddress(s, a));
            case DatapathOp.PutNeighbour(Place place, NeighbourEntry n) ->
                at(place, s -> neighbours(s, with(sameKeyGone(s.neighbours(), n), n)));
            case DatapathOp.DeleteNeighbour(Place place, NeighbourEntry n) ->
                at(place, s -> neighbours(s, minus(s.neighbours(), n)));
            case DatapathOp.PutRoute(Place place, RouteEntry r) -> at(place, s -> putRoute(s, r));
            case DatapathOp.DeleteRoute(Place place, RouteEntry r) -> at(place, s -> routes(s, minus(s.routes(), r)));
            case DatapathOp.AddRule(Place place, RuleEntry r) -> at(place, s -> rules(s, with(s.rules(), r)));
            case DatapathOp.DeleteRule(Place place, RuleEntry r) -> at(place, s -> rules(s, minus(s.rules(), r)));
        }
    }

    private void makeVeth(LinkEntry h, LinkEntry p) {
        if (host.link(h.name()).isPresent() || pod.link(p.name()).isPresent()) {
            throw new IllegalStateException("EEXIST: " + h.name() + " or " + p.name());
        }
        host = links(host, put(host.links(), new LinkEntry(h.name(), h.mac(), h.mtu(), false, "")));
        pod = links(pod, put(pod.links(), new LinkEntry(p.name(), p.mac(), p.mtu(), false, "")));
    }

    private void newInPod(LinkEntry link) {
        if (pod.link(link.name()).isPresent()) {
            throw new IllegalStateException("EEXIST: " + link.name());
        }
        pod = pod.withNew(new LinkEntry(link.name(), link.mac(), 1234, false, ""), "");
    }

    private static NetnsState tags(NetnsState s, List<TagEntry> tags) {
        return new NetnsState(
                s.links(), s.sysctls(), s.addresses(), s.neighbours(), s.routes(), s.rules(), tags, s.tables());
    }

    private static NetnsState table(NetnsState s, NftTable table) {
        List<NftTable> tables = new ArrayList<>(
                s.tables().stream().filter(t -> !t.name().equals(table.name())).toList());
        tables.add(table);
        return new NetnsState(
                s.links(), s.sysctls(), s.addresses(), s.neighbours(), s.routes(), s.rules(), s.tags(), tables);
    }

    private static List<TagEntry> sameKeyGone(List<TagEntry> all, TagEntry t) {
        return all.stream().filter(o -> !o.from().equals(t.from())).toList();
    }

    private void at(Place place, UnaryOperator<NetnsState> change) {
        switch (place) {
            case HOST -> host = change.apply(host);
            case POD -> pod = change.apply(pod);
        }
    }

    private static NetnsState loseLink(NetnsState s, String name) {
        if (s.link(name).isEmpty()) {
            throw new IllegalStateException("ENODEV: " + name);
        }
        return s.without(name);
    }

    /** What a link that is down cannot have had. */
    private static NetnsState loseIfDown(NetnsState s, String name) {
        if (s.link(name)
                .orElseThrow(() -> new IllegalStateException("ENODEV: " + name))
                .up()) {
            return s;
        }
        return routes(s, s.routes().stream().filter(r -> !r.link().equals(name)).toList());
    }

    /** With its last IPv4 address a link loses IPv4 routes and neighbours. */
    private static NetnsState deleteAddress(NetnsState s, AddressEntry gone) {
        NetnsState left = addresses(s, minus(s.addresses(), gone));
        boolean more = left.addresses().stream()
                .anyMatch(a -> a.link().equals(gone.link())
                        && a.ip().family() == gone.ip().family());
        if (more) {
            return left;
        }
        NetnsState without = routes(
                left,
                left.routes().stream()
                        .filter(r -> !r.link().equals(gone.link())
                                || r.destination().family() != gone.ip().family())
                        .toList());
        return neighbours(
                without,
                without.neighbours().stream()
                        .filter(n -> !n.link().equals(gone.link())
                                || n.ip().family() != gone.ip().family())
                        .toList());
    }

    private static NetnsState putRoute(NetnsState s, RouteEntry route) {
        if (!route.isUnreachable() && !s.link(route.link()).orElseThrow().up()) {
            throw new IllegalStateException("ENETDOWN: " + route);
        }
        List<RouteEntry> kept =
                s.routes().stream().filter(r -> !r.replaces(route)).toList();
        return routes(s, with(kept, route));
    }

    private static List<NeighbourEntry> sameKeyGone(List<NeighbourEntry> all, NeighbourEntry n) {
        return all.stream()
                .filter(o -> !o.link().equals(n.link()) || !o.ip().equals(n.ip()))
                .toList();
    }

    private static List<LinkEntry> put(List<LinkEntry> links, LinkEntry link) {
        return with(links.stream().filter(l -> !l.name().equals(link.name())).toList(), link);
    }

    private static <T> List<T> with(List<T> all, T one) {
        List<T> out = new ArrayList<>(all);
        out.remove(one);
        out.add(one);
        return out;
    }

    private static <T> List<T> minus(List<T> all, T one) {
        return all.stream().filter(o -> !o.equals(one)).toList();
    }

    private static NetnsState links(NetnsState s, List<LinkEntry> links) {
        return new NetnsState(
                links, s.sysctls(), s.addresses(), s.neighbours(), s.routes(), s.rules(), s.tags(), s.tables());
    }

    private static NetnsState sysctl(NetnsState s, String key, String value) {
        SequencedMap<String, String> sysctls = new LinkedHashMap<>(s.sysctls());
        sysctls.put(key, value);
        return new NetnsState(
                s.links(), sysctls, s.addresses(), s.neighbours(), s.routes(), s.rules(), s.tags(), s.tables());
    }

    private static NetnsState addresses(NetnsState s, List<AddressEntry> addresses) {
        return new NetnsState(
                s.links(), s.sysctls(), addresses, s.neighbours(), s.routes(), s.rules(), s.tags(), s.tables());
    }

    private static NetnsState neighbours(NetnsState s, List<NeighbourEntry> neighbours) {
        return new NetnsState(
                s.links(), s.sysctls(), s.addresses(), neighbours, s.routes(), s.rules(), s.tags(), s.tables());
    }

    private static NetnsState routes(NetnsState s, List<RouteEntry> routes) {
        return new NetnsState(
                s.links(), s.sysctls(), s.addresses(), s.neighbours(), routes, s.rules(), s.tags(), s.tables());
    }

    private static NetnsState rules(NetnsState s, List<RuleEntry> rules) {
        return new NetnsState(
                s.links(), s.sysctls(), s.addresses(), s.neighbours(), s.routes(), rules, s.tags(), s.tables());
    }
}
