package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which pods have a fixed address. Such an address is nobody else's supply, whether its pod runs or not. */
final class FixedAddresses {

    private final Cluster cluster;
    private final Map<PodRef, FixedAddress> known = new HashMap<>();
    /** First bindings that are being written. */
    private final Map<PodRef, FixedAddress> writing = new HashMap<>();
    /** Of both. */
    private final Map<Ip, PodRef> owners = new HashMap<>();

    final FixedTroubles troubles;
    /** Nodes that may have offered a free address of ours. */
    private final Set<NodeName> loose = new HashSet<>();

    private final FixedRest rest = new FixedRest();

    final Unwanted unwanted;
    final OrphanEnis orphans;
    final FixedTally tally;
    private final FixedSettings settings;
    /** False: there are PodNetInfos that we have not heard of yet. */
    private boolean listed = true;

    FixedAddresses(Cluster cluster, FixedSettings settings) {
        this.cluster = cluster;
        this.settings = settings;
        troubles = new FixedTroubles(cluster);
        unwanted = new Unwanted(cluster);
        orphans = new OrphanEnis(cluster);
        tally = new FixedTally(cluster);
    }

    FixedSettings settings() {
        return settings;
    }

    /** Until all of them are known any free address may be one that is kept. */
    boolean listed() {
        return listed;
    }

    void listed(boolean complete) {
        listed = complete;
        cluster.nodes.values().forEach(node -> {
            node.supplied = true;
            cluster.touch(node);
        });
    }

    /** Addresses kept, those being written counted. */
    int size() {
        return known.size() + writing.size();
    }

    /** True when the address is some pod's, so that it is never offered, shrunk or given to another. */
    boolean owns(Ip ip) {
        return !owners.isEmpty() && owners.containsKey(ip);
    }

    /** True when a pod keeps the whole ENI. */
    boolean keeps(EniPool eni) {
        return !owners.isEmpty() && eni.onlyOwn() && eni.all().stream().allMatch(slot -> owns(slot.ip));
    }

    Optional<PodRef> owner(Ip ip) {
        return Optional.ofNullable(owners.get(ip));
    }

    Optional<FixedAddress> of(PodRef pod) {
        return Optional.ofNullable(known.get(pod));
    }

    boolean isWriting(PodRef pod) {
        return writing.containsKey(pod);
    }

    void write(FixedAddress wanted) {
        writing.put(wanted.pod(), wanted);
        own(wanted);
        cluster.say(new FixedCommand.Write(wanted));
    }

    /** The first to claim an address has it; a second PodNetInfo with the same one is told so when its pod asks. */
    private void own(FixedAddress address) {
        address.addresses().forEach(ip -> owners.putIfAbsent(ip, address.pod()));
    }

    private void disown(FixedAddress address) {
        address.addresses().forEach(ip -> owners.remove(ip, address.pod()));
    }

    /** Stored: what was found there counts, not what we wanted to write. Where it is we know better than it. */
    void seen(FixedAddress stored, Instant now) {
        PodRef pod = stored.pod();
        FixedAddress wanted = writing.remove(pod);
        if (wanted != null) {
            disown(wanted);
        }
        FixedAddress before = known.get(pod);
        if (before != null) {
            disown(before);
        }
        Optional<FixedAddress.Place> place = Optional.ofNullable(before)
                .filter(cluster.shard::keeps)
                .flatMap(FixedAddress::place)
                .or(stored::place)
                .or(() -> Optional.ofNullable(wanted)
                        .filter(ours -> ours.addresses().equals(stored.addresses()))
                        .flatMap(FixedAddress::place));
        FixedAddress here = place.map(stored::at).orElse(stored);
        known.put(pod, here);
        own(stored);
        if (cluster.shard.keeps(here)) {
            tally.at(pod, here.place().map(FixedAddress.Place::node));
            unwanted.changed(here, now);
        }
        touchNodes(stored);
        if (wanted != null) {
            touchNodes(wanted);
        }
        troubles.over(pod);
    }

    /** Where pods' addresses are, or were last. */
    Set<EniId> enis() {
        Set<EniId> enis = new HashSet<>();
        known.values().forEach(address -> address.place().ifPresent(place -> enis.add(place.eni())));
        return enis;
    }

    void failed(IpamEvent.PodNetInfoFailed event, Instant now) {
        FixedAddress wanted = writing.remove(event.pod());
        if (wanted != null) {
            if (!known.containsKey(event.pod())) {
                disown(wanted);
            }
            touchNodes(wanted);
            troubles.put(event.pod(), event.message(), now.plus(FailureClass.TRANSIENT.backoff(1)));
        }
    }

    /** Free again, once no pod has it. A PodNetInfo of the same name that was made since stays. */
    void gone(IpamEvent.PodNetInfoGone event, Instant now) {
        FixedAddress before = known.get(event.pod());
        if (before != null && before.object().equals(event.object())) {
            known.remove(event.pod());
            troubles.forget(event.pod());
            unwanted.forget(event.pod());
            tally.forget(event.pod());
            if (!rest.keeps(before, now)) {
                free(before);
            }
        }
    }

    private void free(FixedAddress address) {
        rest.over(address);
        disown(address);
        touchNodes(address);
        orphans.freed(address);
    }

    /** Its cool-down is cut short by a move: until it would have ended nobody but its pod gets it. */
    void hurry(Ip ip, Instant until) {
        rest.hurry(ip, until);
    }

    void tick(Instant now) {
        for (Optional<FixedAddress> due = rest.poll(now); due.isPresent(); due = rest.poll(now)) {
            free(due.get());
        }
        unwanted.tick(now);
    }

    Optional<Instant> nextDue() {
        return Deadlines.sooner(rest.nextDue(), unwanted.nextDue());
    }

    /** Remembers how long nobody has wanted the pod. */
    FixedAddress unwanted(FixedAddress address, Duration time) {
        FixedAddress counted = address.unwantedFor(time);
        known.put(address.pod(), counted);
        return counted;
    }

    /** A sandbox has one of the addresses, or had it when its node last spoke. */
    boolean isHeld(FixedAddress address) {
        return address.addresses().stream()
                .anyMatch(ip -> cluster.nodes.values().stream()
                        .map(node -> node.slots.get(ip))
                        .anyMatch(slot -> slot != null && !slot.absent && slot.state instanceof AddressState.Bound));
    }

    private void touchNodes(FixedAddress address) {
        for (Ip ip : address.addresses()) {
            for (NodeState node : cluster.nodes.values()) {
                Slot slot = node.slots.get(ip);
                if (slot != null) {
                    node.supplied |= slot.state instanceof AddressState.Supplied;
                    loose.add(node.name);
                    cluster.touch(node);
                }
            }
        }
    }

    /** The node, other than this one, whose ENIs have the address; not one that says so and the cloud does not. */
    Optional<NodeState> elsewhere(Ip ip, NodeState here) {
        for (NodeState node : cluster.nodes.values()) {
            Slot slot = node == here ? null : node.slots.get(ip);
            if (slot != null && !slot.absent && !(slot.state instanceof AddressState.Gone)) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    /** An address became free on a node. */
    void freed(NodeState node, Ip ip) {
        if (owns(ip)) {
            loose.add(node.name);
        }
    }

    /** Free addresses of ours leave the offered set, so that nobody else gets them; they stay on their ENI. */
    void keep(NodeState node, Withdrawals withdrawals) {
        if (loose.isEmpty() || !loose.remove(node.name)) {
            return;
        }
        List<Slot> free = new ArrayList<>();
        for (Slot slot : node.slots.values()) {
            if (slot.state instanceof AddressState.Idle && owns(slot.ip)) {
                free.add(slot);
            }
        }
        withdrawals.ask(node, free, List.of());
    }

    void bound(NodeState node, Binding binding) {
        FixedAddress address = known.get(binding.holder().pod());
        if (address == null) {
            return; // freed by a person while the pod was there
        }
        EniPool eni = node.enis.get(binding.addresses().getFirst().eni());
        Optional<CloudEni> cloud = eni == null ? Optional.empty() : eni.cloud;
        FixedAddress here = cloud.map(shown -> address.at(place(node, shown))).orElse(address);
        known.put(address.pod(), here);
        rest.over(address);
        tally.bound(address.pod(), node.name, true);
        troubles.forget(address.pod());
        cluster.say(new FixedCommand.Show(here, true, binding.holder().uid()));
    }

    /** A ledger shows a pod that has its address. */
    void held(NodeState node, Binding binding) {
        if (known.containsKey(binding.holder().pod())) {
            tally.bound(binding.holder().pod(), node.name, true);
        }
    }

    /** The ENI is about to be on no machine: where it was last is all that leads to it. */
    void leaves(NodeState node, EniPool eni) {
        eni.all().stream()
                .map(slot -> owners.get(slot.ip))
                .distinct()
                .flatMap(pod -> of(pod).stream())
                .forEach(address -> known.put(address.pod(), address.at(place(node, eni.cloud.orElseThrow()))));
    }

    void released(NodeState node, Binding binding) {
        of(binding.holder().pod()).ifPresent(address -> {
            tally.bound(address.pod(), node.name, false);
            cluster.say(new FixedCommand.Show(address, false, binding.holder().uid()));
        });
    }

    static FixedAddress.Place place(NodeState node, CloudEni eni) {
        return new FixedAddress.Place(node.name, node.identity.instance(), eni.id(), eni.mac(), eni.groups());
    }

    /** The cloud would not put these addresses on an ENI: their pod's trouble, not the node's. */
    void unassignable(List<Ip> addresses, OperationResult.Failed failed, Instant now) {
        Instant until = now.plus(failed.why().backoff(1));
        addresses.forEach(ip ->
                owner(ip).ifPresent(pod -> troubles.put(pod, FixedTroubles.text(pod, ip, failed), until)));
    }
}
