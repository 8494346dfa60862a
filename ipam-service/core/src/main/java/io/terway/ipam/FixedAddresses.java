package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
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
    final KeptBack keptBack;
    final FixedRest rest = new FixedRest();

    final Unwanted unwanted;
    final OrphanEnis orphans;
    final Homeless homeless;
    final FixedTally tally;
    final FixedSettings settings;
    /** False: there are PodNetInfos that we have not heard of yet. */
    private boolean listed = true;

    FixedAddresses(Cluster cluster, FixedSettings settings) {
        this.cluster = cluster;
        this.settings = settings;
        troubles = new FixedTroubles(cluster);
        keptBack = new KeptBack(cluster);
        unwanted = new Unwanted(cluster);
        orphans = new OrphanEnis(cluster);
        homeless = new Homeless(cluster);
        tally = new FixedTally(cluster);
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

    /** Stored: what was found there counts, not what we wanted to write. */
    void seen(IpamEvent.PodNetInfoSeen seen, Instant now) {
        FixedAddress stored = seen.address();
        PodRef pod = stored.pod();
        FixedAddress wanted = writing.remove(pod);
        if (wanted != null) {
            disown(wanted);
        }
        FixedAddress before = known.get(pod);
        if (before != null) {
            disown(before);
        }
        FixedAddress here = place(Optional.ofNullable(before), stored, Optional.ofNullable(wanted));
        known.put(pod, here);
        own(stored);
        if (cluster.shard.keeps(here)) {
            tally.at(pod, here.place().map(FixedAddress.Place::node));
            unwanted.changed(here, now);
            homeless.seen(here, now);
            if (before != null && !cluster.shard.keeps(before)) {
                here.addresses().forEach(ip -> rest.hurry(ip, now.plus(seen.rest())));
            }
        } else {
            tally.forget(pod);
            unwanted.leaves(pod);
            rest.over(here);
        }
        keptBack.changed(stored);
        if (wanted != null) {
            keptBack.changed(wanted);
        }
        troubles.over(pod);
    }

    /** Where it is we know better than what is stored, unless another shard was given it; not while a sandbox of ours has it. */
    private FixedAddress place(Optional<FixedAddress> before, FixedAddress stored, Optional<FixedAddress> wanted) {
        Optional<FixedAddress> ours = before.filter(cluster.shard::keeps);
        boolean given = stored.place().isPresent() && !cluster.shard.keeps(stored);
        Optional<Binding> held = given ? holding(stored) : Optional.empty();
        if (held.isPresent() && ours.isPresent()) {
            FixedAddress right = ours.get().place().map(stored::at).orElse(stored);
            cluster.say(new FixedCommand.Show(right, true, held.get().holder().uid()));
            return right;
        }
        return ours.filter(_ -> !given)
                .flatMap(FixedAddress::place)
                .or(stored::place)
                .or(() -> wanted.filter(write -> write.addresses().equals(stored.addresses()))
                        .flatMap(FixedAddress::place))
                .map(stored::at)
                .orElse(stored);
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
            keptBack.changed(wanted);
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
        keptBack.changed(address);
        orphans.freed(address);
    }

    void tick(Instant now) {
        for (Optional<FixedAddress> due = rest.poll(now); due.isPresent(); due = rest.poll(now)) {
            free(due.get());
        }
        unwanted.tick(now);
        homeless.tick(now);
    }

    Optional<Instant> nextDue() {
        return Deadlines.sooner(homeless.nextDue(), Deadlines.sooner(rest.nextDue(), unwanted.nextDue()));
    }

    /** Remembers how long nobody has wanted the pod. */
    FixedAddress unwanted(FixedAddress address, Duration time) {
        FixedAddress counted = address.unwantedFor(time);
        known.put(address.pod(), counted);
        return counted;
    }

    /** A sandbox has one of the addresses, or had it when its node last spoke. */
    boolean isHeld(FixedAddress address) {
        return holding(address).isPresent();
    }

    private Optional<Binding> holding(FixedAddress address) {
        for (Ip ip : address.addresses()) {
            for (NodeState node : cluster.whereabouts.of(ip)) {
                Slot slot = node.slots.get(ip);
                if (!slot.absent && slot.state instanceof AddressState.Bound(Binding binding)) {
                    return Optional.of(binding);
                }
            }
        }
        return Optional.empty();
    }

    /** A node, other than this one, whose ENIs have the address; not one that says so and the cloud does not. */
    Optional<NodeState> elsewhere(Ip ip, Optional<NodeState> here) {
        for (NodeState node : cluster.whereabouts.of(ip)) {
            Slot slot = node.slots.get(ip);
            boolean other = here.isEmpty() || here.get() != node;
            if (other && !slot.absent && !(slot.state instanceof AddressState.Gone)) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
    }

    void bound(NodeState node, Binding binding) {
        FixedAddress address = known.get(binding.holder().pod());
        if (address == null) {
            return; // freed by a person while the pod was there
        }
        EniPool eni = node.enis.get(binding.addresses().getFirst().eni());
        Optional<CloudEni> cloud = eni == null ? Optional.empty() : eni.cloud;
        FixedAddress here = cloud.map(shown -> address.at(FixedAddress.Place.of(node, shown)))
                .orElse(address);
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
                .forEach(address ->
                        known.put(address.pod(), address.at(FixedAddress.Place.of(node, eni.cloud.orElseThrow()))));
    }

    void released(NodeState node, Binding binding) {
        of(binding.holder().pod()).ifPresent(address -> {
            tally.bound(address.pod(), node.name, false);
            cluster.say(new FixedCommand.Show(address, false, binding.holder().uid()));
        });
    }
}
