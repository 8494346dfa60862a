package io.terway.ipam;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
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

    private final Map<PodRef, Trouble> troubles = new HashMap<>();
    private final Map<PodRef, String> told = new HashMap<>();
    /** Nodes that may have offered a free address of ours. */
    private final Set<NodeName> loose = new HashSet<>();

    /** What keeps an address from its pod; not tried again until then. */
    record Trouble(String message, Instant until) {}

    FixedAddresses(Cluster cluster) {
        this.cluster = cluster;
    }

    /** True when the address is some pod's, so that it is never offered, shrunk or given to another. */
    boolean owns(Ip ip) {
        return !owners.isEmpty() && owners.containsKey(ip);
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
    void seen(FixedAddress stored) {
        PodRef pod = stored.pod();
        FixedAddress wanted = writing.remove(pod);
        if (wanted != null) {
            disown(wanted);
        }
        FixedAddress before = known.get(pod);
        if (before != null) {
            disown(before);
        }
        Optional<FixedAddress.Place> place = before == null ? stored.place() : before.place();
        known.put(pod, place.map(stored::at).orElse(stored));
        own(stored);
        touchNodes(stored);
        if (wanted != null) {
            touchNodes(wanted);
        }
        troubles.remove(pod);
    }

    void failed(IpamEvent.PodNetInfoFailed event, Instant now) {
        FixedAddress wanted = writing.remove(event.pod());
        if (wanted != null) {
            if (!known.containsKey(event.pod())) {
                disown(wanted);
            }
            touchNodes(wanted);
            troubles.put(event.pod(), new Trouble(event.message(), now.plus(FailureClass.TRANSIENT.backoff(1))));
        }
    }

    /** Free again, once no pod has it. A PodNetInfo of the same name that was made since stays. */
    void gone(IpamEvent.PodNetInfoGone event) {
        FixedAddress before = known.get(event.pod());
        if (before != null && before.object().equals(event.object())) {
            known.remove(event.pod());
            troubles.remove(event.pod());
            told.remove(event.pod());
            disown(before);
            touchNodes(before);
        }
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

    /** The node, other than this one, whose ENIs have the address. */
    Optional<NodeState> elsewhere(Ip ip, NodeState here) {
        for (NodeState node : cluster.nodes.values()) {
            Slot slot = node == here ? null : node.slots.get(ip);
            if (slot != null && !(slot.state instanceof AddressState.Gone)) {
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
        troubles.remove(address.pod());
        told.remove(address.pod());
        cluster.say(new FixedCommand.Show(here, true, binding.holder().uid()));
    }

    void released(Binding binding) {
        of(binding.holder().pod())
                .ifPresent(address -> cluster.say(
                        new FixedCommand.Show(address, false, binding.holder().uid())));
    }

    static FixedAddress.Place place(NodeState node, CloudEni eni) {
        return new FixedAddress.Place(node.name, node.identity.instance(), eni.id(), eni.mac(), eni.groups());
    }

    /** The cloud would not put these addresses on an ENI: their pod's trouble, not the node's. */
    void unassignable(List<Ip> addresses, OperationResult.Failed failed, Instant now) {
        Instant until = now.plus(failed.why().backoff(1));
        addresses.forEach(ip -> owner(ip).ifPresent(pod -> troubles.put(pod, new Trouble(failed.message(), until))));
    }

    Optional<String> trouble(PodRef pod, Instant now) {
        Trouble trouble = troubles.get(pod);
        return trouble == null || !trouble.until().isAfter(now) ? Optional.empty() : Optional.of(trouble.message());
    }

    /** An event on the pod, unless it was the last one. */
    void tellOnce(Holder pod, String reason, String message) {
        if (!message.equals(told.put(pod.pod(), message))) {
            cluster.say(new FixedCommand.Tell(pod.pod(), pod.uid(), reason, message));
        }
    }
}
