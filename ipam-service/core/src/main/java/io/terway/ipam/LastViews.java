package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What an agent without its ledger is told of its node. */
final class LastViews {

    private LastViews() {}

    static Word.LastView of(Cluster cluster, NodeIdentity identity) {
        NodeState node = cluster.nodes.get(identity.node());
        if (node == null || !node.identity.sameMachine(identity)) {
            return ofCloud(cluster, identity.instance());
        }
        List<Ledger.Numbered> offered = new ArrayList<>();
        Map<EniId, CloudEni> enis = new HashMap<>();
        Set<EniId> ofPods = new HashSet<>();
        for (Slot slot : node.slots.values()) {
            if (mayBeUsed(slot)) {
                offered.add(new Ledger.Numbered(slot.eniIp(), slot.number));
                slot.eni.cloud.ifPresent(eni -> enis.put(eni.id(), eni));
                if (!OwnEnis.hasGroups(cluster, node, slot.eni, List.of())) {
                    ofPods.add(slot.eni.id);
                }
                if (slot.eni.use() == CloudEni.Use.MEMBER) {
                    node.trunk().ifPresent(trunk -> enis.put(trunk.id(), trunk));
                }
            }
        }
        return new Word.LastView(
                true, List.copyOf(node.bindings.values()), offered, List.copyOf(enis.values()), ofPods);
    }

    /** Of a node that was not met before: which ENI has which address. Asked for now, and known when the agent tries again. */
    private static Word.LastView ofCloud(Cluster cluster, InstanceId id) {
        CloudInstance instance = cluster.instances.get(id);
        if (instance == null) {
            cluster.say(new IpamCommand.Describe(id, true));
            return Word.LastView.NONE;
        }
        List<Ledger.Numbered> shown = new ArrayList<>();
        List<CloudEni> enis = instance.enis().stream()
                .filter(eni -> eni.ours() && eni.phase() == CloudEni.Phase.IN_USE)
                .toList();
        for (CloudEni eni : enis) {
            eni.addresses().forEach(ip -> shown.add(new Ledger.Numbered(new EniIp(ip, eni.id()), 1)));
            eni.own().ifPresent(ip -> shown.add(new Ledger.Numbered(new EniIp(ip, eni.id()), 1)));
            eni.ownIpv6().ifPresent(ip -> shown.add(new Ledger.Numbered(new EniIp(ip, eni.id()), 1)));
            for (Cidr prefix : eni.prefixes()) {
                CloudSide.addressesOf(prefix)
                        .forEach(ip -> shown.add(new Ledger.Numbered(new EniIp(ip, eni.id(), Optional.of(prefix)), 1)));
            }
        }
        return new Word.LastView(false, List.of(), shown, enis, Set.of());
    }

    /** The node has not let go of it, as far as we were told. */
    private static boolean mayBeUsed(Slot slot) {
        return switch (slot.state) {
            case AddressState.Bound _ -> true;
            case AddressState.Idle _, AddressState.Reserved _, AddressState.Cooling _, AddressState.Withdrawing _ ->
                !slot.unoffered;
            case AddressState.Supplied _, AddressState.Withdrawn _, AddressState.Unassigning _, AddressState.Gone _ ->
                false;
        };
    }
}
