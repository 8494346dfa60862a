package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

    /** Between the two sights of a released instance. */
    static final Duration SECOND_SIGHT = Duration.ofSeconds(10);

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
            if (node == null) {
                cluster.fixed.homeless.released(instance.id(), now);
            } else {
                released(node, now);
            }
            return;
        }
        cluster.instances.put(instance.id(), instance);
        if (node != null) {
            reconcile(node, instance, now);
            cluster.touch(node);
        }
    }

    /** Rule 11: gone is what two sights apart from each other show, and nobody speaks for. */
    private void released(NodeState node, Instant now) {
        if (node.session.isPresent()) {
            return;
        }
        boolean second = node.releasedSince.isPresent()
                && !now.isBefore(node.releasedSince.get().plus(SECOND_SIGHT));
        if (second) {
            cluster.fixed.orphans.outlive(node);
            cluster.drop(node, now);
            return;
        }
        if (node.releasedSince.isEmpty()) {
            node.releasedSince = Optional.of(now);
        }
        node.describeAt = now.plus(SECOND_SIGHT);
        cluster.touch(node);
    }

    void describeFailed(IpamEvent.DescribeFailed event, Instant now) {
        NodeState node = cluster.byInstance.get(event.instance());
        boolean wanted = node != null
                && (node.cloud.isEmpty() || node.releasedSince.isPresent() || !cluster.known.containsKey(node.name));
        if (wanted) {
            node.describeAt = now.plus(DESCRIBE_AGAIN);
            node.trouble = event.message();
            cluster.touch(node);
        }
    }

    void reconcile(NodeState node, CloudInstance instance, Instant now) {
        if (node.cloud.isEmpty()) {
            node.trouble = "";
        }
        node.sees(instance);
        node.releasedSince = Optional.empty();
        node.describeAt = Instant.MAX;
        cluster.refresh(node);
        Set<EniId> listed = new HashSet<>();
        for (CloudEni eni : instance.enis()) {
            listed.add(eni.id());
            Instant deleted = node.deletedEnis.get(eni.id());
            boolean stale = deleted != null && now.isBefore(deleted.plus(STALE_SIGHT));
            if (eni.pooled() && eni.phase() == CloudEni.Phase.IN_USE && !stale) {
                show(node, eni, now);
            } else if (eni.use() == CloudEni.Use.PRIMARY && node.enis.containsKey(eni.id())) {
                node.enis.get(eni.id()).sees(Optional.of(eni)); // carries the pod CIDR in VPC mode
            }
        }
        node.deletedEnis.keySet().retainAll(listed);
        for (EniPool eni : List.copyOf(node.enis.values())) {
            boolean createdByUsNow = eni.all().stream().anyMatch(slot -> !slot.confirmed);
            if (!listed.contains(eni.id) && !createdByUsNow) {
                eni.sees(Optional.empty());
                List.copyOf(eni.all()).forEach(slot -> missing(node, slot));
                if (eni.slots.isEmpty()) {
                    node.forget(eni.id);
                }
            }
        }
    }

    /** An attached ENI of the pool as the cloud has it now. */
    void show(NodeState node, CloudEni eni, Instant now) {
        EniPool pool = node.pool(eni.id());
        pool.sees(Optional.of(eni));
        if (pool.operation == 0) {
            pool.groups = eni.groups(); // while they are being changed, an older sight means nothing
        }
        Map<Ip, Place> shown = places(eni);
        shown.forEach((ip, place) -> {
            Slot slot = node.slots.get(ip);
            if (isStale(node, slot, new TakenOff.Where(ip, eni.id()), now)) {
                return;
            }
            if (slot == null || !slot.eni.id.equals(eni.id())) {
                slot = adopt(node, slot, ip, eni.id(), place.own());
            } else if (slot.state instanceof AddressState.Gone gone
                    && !now.isBefore(gone.since().plus(STALE_SIGHT))) {
                node.move(slot, new AddressState.Withdrawn()); // the removal did not hold: do it again
            }
            slot.own = place.own();
            node.place(slot, place.block());
            slot.confirmed = true;
            slot.absent = false;
        });
        for (Slot slot : List.copyOf(pool.all())) {
            if (!shown.containsKey(slot.ip) && (slot.confirmed || slot.state instanceof AddressState.Gone)) {
                missing(node, slot);
            }
        }
    }

    private record Place(boolean own, Optional<Cidr> block) {}

    private static Map<Ip, Place> places(CloudEni eni) {
        Map<Ip, Place> shown = new HashMap<>();
        for (Cidr prefix : eni.prefixes()) {
            addressesOf(prefix).forEach(ip -> shown.put(ip, new Place(false, Optional.of(prefix))));
        }
        eni.addresses().forEach(ip -> shown.put(ip, new Place(false, Optional.empty())));
        eni.own().ifPresent(ip -> shown.put(ip, new Place(true, Optional.empty())));
        eni.ownIpv6().ifPresent(ip -> shown.put(ip, new Place(true, Optional.empty())));
        return shown;
    }

    /** The addresses of a prefix that we use, lowest first. */
    static List<Ip> addressesOf(Cidr prefix) {
        int count = (int) Math.min(prefix.size(), Room.block(prefix.family()));
        List<Ip> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            addresses.add(prefix.network().plus(i));
        }
        return addresses;
    }

    /** True when this was seen before what we know: it was taken off here since, or the node uses it on another ENI. */
    private static boolean isStale(NodeState node, Slot slot, TakenOff.Where shown, Instant now) {
        boolean here = slot != null && slot.eni.id.equals(shown.eni());
        if (!here && node.takenOff.lately(shown, now)) {
            return true;
        }
        boolean elsewhere = slot != null && !here && !letGo(slot.state);
        if (elsewhere) {
            node.describeAt = now.plus(DESCRIBE_AGAIN);
        }
        return elsewhere;
    }

    /**
     * True when the cloud shows an address here that the agent has on another ENI of the node, as an older copy of its ledger
     * says: it has to let go of it there before anything of this ENI goes.
     */
    static boolean hasWhatIsElsewhere(NodeState node, EniPool eni) {
        return eni.cloud.stream()
                .flatMap(shown -> places(shown).keySet().stream())
                .map(node.slots::get)
                .anyMatch(slot -> slot != null && slot.eni != eni && !letGo(slot.state));
    }

    private static boolean letGo(AddressState state) {
        return switch (state) {
            case AddressState.Withdrawn _, AddressState.Unassigning _, AddressState.Gone _ -> true;
            case AddressState.Supplied _,
                    AddressState.Idle _,
                    AddressState.Reserved _,
                    AddressState.Bound _,
                    AddressState.Cooling _,
                    AddressState.Withdrawing _ -> false;
        };
    }

    /** A slot for an address that the cloud shows for the first time, or on another ENI than before. */
    private static Slot adopt(NodeState node, Slot before, Ip ip, EniId eni, boolean own) {
        if (before == null) {
            return node.add(ip, eni, own, new AddressState.Supplied());
        }
        long number = before.number;
        node.remove(before);
        Slot slot = node.add(ip, eni, own, new AddressState.Supplied());
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
                node.absentees = true;
            }
            case AddressState.Idle _, AddressState.Reserved _, AddressState.Cooling _, AddressState.Withdrawing _ -> {
                slot.absent = true;
                node.absentees = true;
            }
        }
    }
}
