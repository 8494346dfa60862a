package io.terway.lab.cloud;

import io.terway.eni.sim.EniView;
import io.terway.eni.sim.VpcView;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.vpc.RouteEntry;
import io.terway.lab.fabric.Plug;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Reads the cloud's view as plugs of the fabric. Pure. */
final class VpcPlugs {

    private VpcPlugs() {}

    /**
     * The ENIs that must be plugged.
     *
     * @param hasNamespace false for instances that are no nodes of this lab: their ENIs have nowhere to go
     */
    static List<Plug> from(VpcView view, Predicate<NodeName> hasNamespace) {
        Map<InstanceId, Instance> instances = new HashMap<>();
        view.instances().forEach(instance -> instances.put(instance.id(), instance));
        Map<EniId, List<Cidr>> routed = routed(view, instances);
        List<Plug> plugs = new ArrayList<>();
        for (EniView eni : view.enis()) {
            Instance instance = eni.instance().map(instances::get).orElse(null);
            if (instance == null) {
                continue;
            }
            NodeName node = new NodeName(instance.name());
            if (hasNamespace.test(node)) {
                plugs.add(plug(eni, node, routed.getOrDefault(eni.id(), List.of())));
            }
        }
        return List.copyOf(plugs);
    }

    /** The blocks of all vSwitches; the router answers for their gateways. */
    static List<Cidr> subnets(VpcView view) {
        List<Cidr> subnets = new ArrayList<>();
        view.vSwitches().forEach(vSwitch -> {
            subnets.add(vSwitch.cidr());
            subnets.addAll(vSwitch.ipv6Cidrs());
        });
        return List.copyOf(subnets);
    }

    private static Plug plug(EniView eni, NodeName node, List<Cidr> routed) {
        List<Cidr> subnets = new ArrayList<>(List.of(eni.subnet()));
        subnets.addAll(eni.ipv6Subnets());
        return new Plug(
                eni.id(),
                eni.mac(),
                node,
                eni.primary(),
                subnets,
                eni.addresses(),
                eni.prefixes(),
                routed,
                eni.trunk().map(trunk -> new Plug.Tag(trunk, eni.vlan().orElseThrow())),
                eni.groups());
    }

    /** Custom route entries by the ENI that takes them; an instance takes them with its primary ENI. */
    private static Map<EniId, List<Cidr>> routed(VpcView view, Map<InstanceId, Instance> instances) {
        Map<EniId, List<Cidr>> routed = new HashMap<>();
        for (RouteEntry entry : view.routes()) {
            if (entry.system()
                    || entry.status() != RouteEntry.Status.AVAILABLE
                    || entry.nextHops().isEmpty()) {
                continue;
            }
            RouteEntry.NextHop hop = entry.nextHops().getFirst();
            if (hop.type().equals("NetworkInterface")) {
                routed.computeIfAbsent(new EniId(hop.id()), id -> new ArrayList<>())
                        .add(entry.destination());
            } else if (hop.type().equals("Instance") && instances.containsKey(new InstanceId(hop.id()))) {
                EniId primary = instances.get(new InstanceId(hop.id())).primaryEni();
                routed.computeIfAbsent(primary, id -> new ArrayList<>()).add(entry.destination());
            }
        }
        return routed;
    }
}
