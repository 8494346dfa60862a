package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What eni-manager shows, laid over the nodes. A stale sight neither revives nor removes an address. */
final class CloudSide {

    /** A sight that still shows what was removed this long ago is believed: it is there again. */
    static final Duration STALE_SIGHT = Duration.ofMinutes(5);

    /** After a failed describe. */
    private static final Duration DESCRIBE_AGAIN = Duration.ofSeconds(2);

    private final Cluster cluster;

    CloudSide(Cluster cluster) {
        this.cluster = cluster;
    }

    void instanceSeen(CloudInstance instance, Instant now) {
        NodeState node = cluster.byInstance.get(instance.id());
        if (instance.released()) {
            cluster.instances.remove(instance.id());
            if (node != null && node.session.isEmpty()) {
                cluster.drop(node, now);
            }
            return;
        }
        cluster.instances.put(instance.id(), instance);
        if (node != null) {
            reconcile(node, instance, now);
            cluster.touch(node);
        }
    }

    void describeFailed(IpamEvent.DescribeFailed event, Instant now) {
        NodeState node = cluster.byInstance.get(event.instance());
        if (node != null && node.cloud.isEmpty()) {
            node.describeAt = now.plus(DESCRIBE_AGAIN);
            node.trouble = event.message();
            cluster.touch(node);
        }
    }

    void reconcile(NodeState node, CloudInstance instance, Instant now) {
        if (node.cloud.isEmpty()) {
            node.trouble = "";
        }
        node.cloud = Optional.of(instance);
        node.describeAt = Instant.MAX;
        node.targets = Optional.empty();
        Set<EniId> listed = new HashSet<>();
        for (CloudEni eni : instance.enis()) {
            listed.add(eni.id());
            Instant deleted = node.deletedEnis.get(eni.id());
            boolean stale = deleted != null && now.isBefore(deleted.plus(STALE_SIGHT));
            if (eni.pooled() && eni.phase() == CloudEni.Phase.IN_USE && !stale) {
                show(node, eni, now);
            }
        }
        node.deletedEnis.keySet().retainAll(listed);
        for (EniPool eni : List.copyOf(node.enis.values())) {
            boolean createdByUsNow = eni.all().stream().anyMatch(slot -> !slot.confirmed);
            if (!listed.contains(eni.id) && !createdByUsNow) {
                eni.cloud = Optional.empty();
                List.copyOf(eni.all()).forEach(slot -> missing(node, slot));
                if (eni.slots.isEmpty()) {
                    node.enis.remove(eni.id);
                }
            }
        }
    }

    /** An attached ENI of the pool as the cloud has it now. */
    void show(NodeState node, CloudEni eni, Instant now) {
        EniPool pool = node.enis.computeIfAbsent(eni.id(), EniPool::new);
        pool.cloud = Optional.of(eni);
        Map<Ip, Boolean> shown = new HashMap<>();
        eni.addresses().forEach(ip -> shown.put(ip, false));
        eni.own().ifPresent(ip -> shown.put(ip, true));
        shown.forEach((ip, own) -> {
            Slot slot = node.slots.get(ip);
            if (slot == null || !slot.eni.id.equals(eni.id()) || slot.own != own) {
                slot = adopt(node, slot, ip, eni.id(), own);
            } else if (slot.state instanceof AddressState.Gone gone
                    && !now.isBefore(gone.since().plus(STALE_SIGHT))) {
                node.move(slot, new AddressState.Withdrawn()); // the removal did not hold: do it again
            }
            slot.confirmed = true;
            slot.absent = false;
        });
        for (Slot slot : List.copyOf(pool.all())) {
            if (!shown.containsKey(slot.ip) && (slot.confirmed || slot.state instanceof AddressState.Gone)) {
                missing(node, slot);
            }
        }
    }

    /** A slot for an address that the cloud shows; what a ledger said about it stays. */
    private static Slot adopt(NodeState node, Slot before, Ip ip, EniId eni, boolean own) {
        if (before == null) {
            return node.add(ip, eni, own, new AddressState.Supplied());
        }
        boolean moved = !before.eni.id.equals(eni);
        AddressState state = moved ? new AddressState.Supplied() : before.state;
        long number = before.number;
        node.remove(before);
        Slot slot = node.add(ip, eni, own, state);
        slot.number = number;
        return slot;
    }

    /** The cloud no longer has the address on this ENI. */
    private void missing(NodeState node, Slot slot) {
        switch (slot.state) {
            case AddressState.Supplied _, AddressState.Withdrawn _, AddressState.Gone _ -> node.remove(slot);
            case AddressState.Unassigning _ -> {} // its operation will end
            case AddressState.Bound bound -> {
                if (!slot.absent) {
                    cluster.say(new IpamCommand.Notice(
                            node.name,
                            true,
                            "AddressLost",
                            "pod " + bound.binding().holder().pod() + " holds " + slot.ip + ", which is no longer on "
                                    + slot.eni.id + "; restart the pod"));
                }
                slot.absent = true;
            }
            case AddressState.Idle _, AddressState.Reserved _, AddressState.Cooling _, AddressState.Withdrawing _ ->
                slot.absent = true;
        }
    }
}
