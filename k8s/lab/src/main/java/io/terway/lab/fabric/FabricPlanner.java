package io.terway.lab.fabric;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares what the VPC wants with what the router has. Pure; planning on the result of a plan gives nothing. */
public final class FabricPlanner {

    private FabricPlanner() {}

    /** The router's state that these plugs need. */
    public static RouterView wanted(Collection<Plug> plugs, Collection<Cidr> subnets) {
        Map<Cidr, SortedSet<Ip>> onLink = new HashMap<>();
        plugs.forEach(plug -> ipv6Subnets(plug)
                .forEach(subnet -> plug.addresses().stream()
                        .filter(subnet::contains)
                        .forEach(ip -> onLink.computeIfAbsent(subnet, s -> new TreeSet<>())
                                .add(ip))));
        SortedMap<EniId, Port> ports = new TreeMap<>();
        plugs.forEach(plug -> ports.put(plug.eni(), plug.port(answered(plug, onLink))));
        SortedSet<Ip> gateways = new TreeSet<>();
        subnets.forEach(subnet -> gateways.add(subnet.vSwitchGateway()));
        return new RouterView(ports, gateways, new TreeSet<>());
    }

    /** As the cloud: the gateway, and what is assigned to others of the same vSwitch. */
    private static SortedSet<Ip> answered(Plug plug, Map<Cidr, SortedSet<Ip>> onLink) {
        SortedSet<Ip> answered = new TreeSet<>();
        ipv6Subnets(plug).forEach(subnet -> {
            answered.add(subnet.vSwitchGateway());
            answered.addAll(onLink.getOrDefault(subnet, new TreeSet<>()));
        });
        plug.addresses().forEach(answered::remove);
        return answered;
    }

    private static List<Cidr> ipv6Subnets(Plug plug) {
        return plug.subnets().stream()
                .filter(subnet -> subnet.family() == Family.IPV6)
                .toList();
    }

    /**
     * The changes that turn {@code found} into what {@code plugs} want. Removals come first, so that an address that
     * moved between ENIs is never routed to two; an ENI whose MAC differs (recreated under the same id) is replugged,
     * and a member whose tag differs or whose trunk is replugged.
     */
    public static List<FabricOp> plan(Collection<Plug> plugs, Collection<Cidr> subnets, RouterView found) {
        RouterView wanted = wanted(plugs, subnets);
        List<FabricOp> ops = new ArrayList<>();
        SortedMap<EniId, Port> staying = new TreeMap<>();
        List<String> leaving = new ArrayList<>(found.strays());
        found.ports().forEach((eni, port) -> {
            if (stays(port, wanted, found)) {
                staying.put(eni, port);
                lessen(wanted.ports().get(eni), port, ops);
            } else {
                lessen(Port.bare(eni, port.mac(), port.tag()), port, ops);
                leaving.add(port.link());
                port.tag()
                        .filter(tag -> trunkStays(tag, wanted, found))
                        .ifPresent(tag -> ops.add(new FabricOp.UnbindTag(tag)));
            }
        });
        if (!leaving.isEmpty()) {
            ops.add(new FabricOp.UnplugPorts(leaving));
        }
        missing(found.gateways(), wanted.gateways()).forEach(ip -> ops.add(new FabricOp.RemoveGateway(ip)));
        missing(wanted.gateways(), found.gateways()).forEach(ip -> ops.add(new FabricOp.AddGateway(ip)));
        for (Plug plug : trunksFirst(plugs)) {
            Port want = wanted.ports().get(plug.eni());
            Port has = staying.get(plug.eni());
            if (has == null) {
                plugIn(plug, ops);
            }
            extend(want, has == null ? Port.bare(plug.eni(), plug.mac(), plug.tag()) : has, ops);
        }
        plugs.stream()
                .filter(plug -> plug.tag().isPresent() && !staying.containsKey(plug.eni()))
                .forEach(plug -> ops.add(
                        new FabricOp.BindTag(plug.eni(), plug.mac(), plug.tag().get())));
        return List.copyOf(ops);
    }

    private static boolean stays(Port port, RouterView wanted, RouterView found) {
        Port want = wanted.ports().get(port.eni());
        return want != null
                && want.mac().equals(port.mac())
                && want.tag().equals(port.tag())
                && port.tag().map(tag -> trunkStays(tag, wanted, found)).orElse(true);
    }

    private static boolean trunkStays(Plug.Tag tag, RouterView wanted, RouterView found) {
        Port trunk = found.ports().get(tag.trunk());
        return trunk != null && trunk.tag().isEmpty() && stays(trunk, wanted, found);
    }

    private static List<Plug> trunksFirst(Collection<Plug> plugs) {
        SortedMap<EniId, Plug> byId = new TreeMap<>();
        plugs.forEach(plug -> byId.put(plug.eni(), plug));
        List<Plug> ordered = new ArrayList<>(byId.values());
        ordered.sort((a, b) -> Boolean.compare(a.tag().isPresent(), b.tag().isPresent()));
        return ordered;
    }

    private static void plugIn(Plug plug, List<FabricOp> ops) {
        boolean ipv6 = !ipv6Subnets(plug).isEmpty();
        if (plug.tag().isPresent()) {
            ops.add(new FabricOp.PlugMember(plug.eni(), ipv6));
            return;
        }
        ops.add(new FabricOp.PlugPort(plug.eni(), plug.mac(), plug.node(), plug.primary(), ipv6));
        if (plug.primary()) {
            plug.subnets()
                    .forEach(subnet -> plug.addresses().stream()
                            .filter(subnet::contains)
                            .findFirst()
                            .ifPresent(ip -> ops.add(new FabricOp.ConfigurePrimary(plug.node(), ip, subnet))));
        }
    }

    /** A neighbour goes after the routes through it. */
    private static void lessen(Port want, Port has, List<FabricOp> ops) {
        missing(has.sources(), want.sources())
                .forEach(source -> ops.add(new FabricOp.Forbid(has.link(), has.mac(), source)));
        missing(has.routes(), want.routes()).forEach(route -> ops.add(new FabricOp.RemoveRoute(has.link(), route)));
        missing(has.neighbours(), want.neighbours())
                .forEach(ip -> ops.add(new FabricOp.RemoveNeighbour(has.link(), ip)));
        missing(has.answered(), want.answered()).forEach(ip -> ops.add(new FabricOp.StopAnswering(has.link(), ip)));
    }

    private static void extend(Port want, Port has, List<FabricOp> ops) {
        missing(want.neighbours(), has.neighbours())
                .forEach(ip -> ops.add(new FabricOp.AddNeighbour(want.link(), ip, want.mac())));
        missing(want.sources(), has.sources())
                .forEach(source -> ops.add(new FabricOp.Allow(want.link(), want.mac(), source)));
        missing(want.routes(), has.routes()).forEach(route -> ops.add(new FabricOp.AddRoute(want.link(), route)));
        missing(want.answered(), has.answered()).forEach(ip -> ops.add(new FabricOp.Answer(want.link(), ip)));
    }

    private static <T> List<T> missing(SortedSet<T> all, SortedSet<T> from) {
        return all.stream().filter(value -> !from.contains(value)).toList();
    }
}
