package io.terway.lab.fabric;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares what the VPC wants with what the router has. Pure; planning on the result of a plan gives nothing. */
public final class FabricPlanner {

    private FabricPlanner() {}

    /** The router's state that these plugs need. */
    public static RouterView wanted(Collection<Plug> plugs, Collection<Cidr> subnets) {
        SortedMap<EniId, Port> ports = new TreeMap<>();
        plugs.forEach(plug -> ports.put(plug.eni(), plug.port()));
        SortedSet<Ip> gateways = new TreeSet<>();
        subnets.forEach(subnet -> gateways.add(subnet.vSwitchGateway()));
        return new RouterView(ports, gateways, new TreeSet<>());
    }

    /**
     * The changes that turn {@code found} into what {@code plugs} want. Removals come first, so that an address that
     * moved between ENIs is never routed to two; an ENI whose MAC differs (recreated under the same id) is replugged.
     */
    public static List<FabricOp> plan(Collection<Plug> plugs, Collection<Cidr> subnets, RouterView found) {
        RouterView wanted = wanted(plugs, subnets);
        List<FabricOp> ops = new ArrayList<>();
        SortedMap<EniId, Port> staying = new TreeMap<>();
        List<String> leaving = new ArrayList<>(found.strays());
        found.ports().forEach((eni, port) -> {
            Port want = wanted.ports().get(eni);
            if (want != null && want.mac().equals(port.mac())) {
                staying.put(eni, port);
                lessen(want, port, ops);
            } else {
                lessen(Port.bare(eni, port.mac()), port, ops);
                leaving.add(port.link());
            }
        });
        if (!leaving.isEmpty()) {
            ops.add(new FabricOp.UnplugPorts(leaving));
        }
        missing(found.gateways(), wanted.gateways()).forEach(ip -> ops.add(new FabricOp.RemoveGateway(ip)));
        missing(wanted.gateways(), found.gateways()).forEach(ip -> ops.add(new FabricOp.AddGateway(ip)));
        for (Plug plug : new TreeMap<>(byId(plugs)).values()) {
            Port has = staying.get(plug.eni());
            if (has == null) {
                plugIn(plug, ops);
            }
            extend(plug.port(), has == null ? Port.bare(plug.eni(), plug.mac()) : has, ops);
        }
        return List.copyOf(ops);
    }

    private static SortedMap<EniId, Plug> byId(Collection<Plug> plugs) {
        SortedMap<EniId, Plug> byId = new TreeMap<>();
        plugs.forEach(plug -> byId.put(plug.eni(), plug));
        return byId;
    }

    private static void plugIn(Plug plug, List<FabricOp> ops) {
        ops.add(new FabricOp.PlugPort(plug.eni(), plug.mac(), plug.node(), plug.primary()));
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
    }

    private static void extend(Port want, Port has, List<FabricOp> ops) {
        missing(want.neighbours(), has.neighbours())
                .forEach(ip -> ops.add(new FabricOp.AddNeighbour(want.link(), ip, want.mac())));
        missing(want.sources(), has.sources())
                .forEach(source -> ops.add(new FabricOp.Allow(want.link(), want.mac(), source)));
        missing(want.routes(), has.routes()).forEach(route -> ops.add(new FabricOp.AddRoute(want.link(), route)));
    }

    private static <T> List<T> missing(SortedSet<T> all, SortedSet<T> from) {
        return all.stream().filter(value -> !from.contains(value)).toList();
    }
}
