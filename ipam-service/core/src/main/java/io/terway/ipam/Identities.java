package io.terway.ipam;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Rule 5: which agent may speak for a node, and whose ledger is believed. Answers are reasons for quarantine. */
final class Identities {

    private Identities() {}

    /** What is wrong with the machine that says Hello: decided before its ledger is read. */
    static Optional<String> wrongMachine(Cluster cluster, NodeIdentity identity) {
        NodeName name = identity.node();
        IpamEvent.NodeSeen seen = cluster.known.get(name);
        if (seen != null && !seen.uid().equals(identity.uid())) {
            return Optional.of("node_uid is " + identity.uid() + ", but Node " + name + " has UID " + seen.uid());
        }
        if (seen != null
                && seen.instance().isPresent()
                && !seen.instance().get().equals(identity.instance())) {
            return Optional.of("instance_id is " + identity.instance() + ", but the providerID of Node " + name
                    + " names " + seen.instance().get());
        }
        NodeName owner = cluster.ledgers.get(identity.ledgerId());
        if (owner != null && !owner.equals(name)) {
            return Optional.of("ledger " + identity.ledgerId() + " belongs to node " + owner
                    + "; the disk was cloned: remove the state directory of node " + name);
        }
        NodeState node = cluster.nodes.get(name);
        if (node == null || node.identity.sameMachine(identity)) {
            return Optional.empty();
        }
        // The same name in a new life: believed once the API server shows it and the old machine is gone.
        CloudInstance old = cluster.instances.get(node.identity.instance());
        boolean confirmed = seen != null && node.session.isEmpty();
        boolean oldGone = old == null || old.released() || node.bindings.isEmpty();
        if (confirmed && (oldGone || node.identity.instance().equals(identity.instance()))) {
            return Optional.empty();
        }
        return Optional.of("node " + name + " was instance " + node.identity.instance() + " with UID "
                + node.identity.uid() + " and now says " + identity.instance() + " with UID " + identity.uid()
                + "; it is believed once the former instance is released");
    }

    /** What is wrong with the ledger, compared with our last view of the same node. */
    static Optional<String> wrongLedger(Cluster cluster, Hello hello, Ledger ledger) {
        NodeIdentity identity = hello.identity();
        NodeState node = cluster.nodes.get(identity.node());
        if (hello.rebuilding()) {
            return wrongRebuilt(cluster, identity, ledger);
        }
        if (node == null || !node.identity.sameMachine(identity)) {
            return unanchored(cluster, identity).or(() -> olderThanRemembered(cluster, hello));
        }
        boolean otherLedger = !node.identity.ledgerId().equals(identity.ledgerId());
        boolean older = hello.ledgerSequence() < node.sequence;
        boolean agrees = Sessions.holdings(node.bindings.values()).equals(Sessions.holdings(ledger.bindings()));
        if (otherLedger && !agrees) {
            return Optional.of("ledger " + identity.ledgerId() + " replaced " + node.identity.ledgerId()
                    + " and its bindings differ from those known; it is believed once they agree");
        }
        if (!otherLedger && older && !agrees && !node.bootId.equals(hello.bootId())) {
            return restored(node, hello, ledger);
        }
        if (!otherLedger && older && !agrees) {
            return Optional.of("ledger_sequence " + hello.ledgerSequence() + " is below the acknowledged "
                    + node.sequence + " and its bindings differ from those known; it is believed once they agree");
        }
        return returned(node, ledger);
    }

    private static Optional<String> unanchored(Cluster cluster, NodeIdentity identity) {
        IpamEvent.NodeSeen seen = cluster.known.get(identity.node());
        if (seen == null || seen.ledgerId().isEmpty() || seen.ledgerId().get().equals(identity.ledgerId())) {
            return Optional.empty();
        }
        return Optional.of(
                "ledger " + identity.ledgerId() + " is not " + seen.ledgerId().get() + ", which Node "
                        + identity.node() + " had; if the node was reinstalled remove its annotation "
                        + "network.terway.io/ledger-id");
    }

    /**
     * A ledger made anew must hold what we know to be held. What its kernel shows beyond that was bound and not reported any
     * more; it is believed unless somebody else has the address by now, or the node had let go of it.
     */
    private static Optional<String> wrongRebuilt(Cluster cluster, NodeIdentity identity, Ledger ledger) {
        NodeState known = cluster.nodes.get(identity.node());
        Optional<NodeState> node = Optional.ofNullable(known).filter(n -> n.identity.sameMachine(identity));
        Map<SandboxKey, List<EniIp>> held = Sessions.holdings(ledger.bindings());
        for (Binding binding : node.map(n -> n.bindings.values()).orElse(List.of())) {
            List<EniIp> before = binding.addresses().stream().map(EniIp::bare).toList();
            if (!before.equals(held.get(binding.sandbox()))) {
                return Optional.of("the rebuilt ledger says that " + binding.sandbox() + " holds "
                        + held.getOrDefault(binding.sandbox(), List.of()) + ", known is " + before);
            }
        }
        Set<Ip> used = used(ledger);
        for (Ip ip : used) {
            Optional<NodeName> owner = cluster.claimed(ip, known).map(other -> other.name);
            if (owner.isPresent()) {
                return Optional.of("the rebuilt ledger uses " + ip + ", which node " + owner.get() + " has by now");
            }
            Optional<Slot> slot = node.map(n -> n.slots.get(ip));
            if (slot.filter(s -> s.state instanceof AddressState.Withdrawn).isPresent()) {
                return Optional.of("the rebuilt ledger uses " + ip + ", which the node had durably withdrawn");
            }
        }
        return node.flatMap(n -> returned(n, ledger));
    }

    /** A former leader saw more of this ledger, in this very boot: this is an older copy of it. */
    private static Optional<String> olderThanRemembered(Cluster cluster, Hello hello) {
        NodeIdentity identity = hello.identity();
        RememberedNode last = cluster.remembered.get(identity.node());
        boolean older = last != null
                && last.describes(identity)
                && last.ledgerId().equals(identity.ledgerId())
                && last.bootId().equals(hello.bootId())
                && hello.ledgerSequence() < last.sequence();
        return older
                ? Optional.of("ledger_sequence " + hello.ledgerSequence() + " is below " + last.sequence()
                        + ", which NodeNetInfo " + identity.node() + " has of the same boot: it is an older copy. "
                        + "Reinstall the node, or delete the NodeNetInfo once no pod runs there")
                : Optional.empty();
    }

    /**
     * A power loss takes the newest entries of a ledger and the sandboxes they told of, but nothing that was promised to
     * others (rule 6). So all that the ledger offers or holds must still be with the node; else a disk was put back.
     */
    private static Optional<String> restored(NodeState node, Hello hello, Ledger ledger) {
        Set<Ip> used = used(ledger);
        used.removeIf(ip -> node.slots.containsKey(ip) && isWithAgent(node.slots.get(ip).state));
        return used.isEmpty()
                ? Optional.empty()
                : Optional.of("after boot " + hello.bootId() + " ledger_sequence " + hello.ledgerSequence()
                        + " is below the acknowledged " + node.sequence + ", and the ledger uses "
                        + used.iterator().next()
                        + ", which the node had durably withdrawn: an older disk was put back");
    }

    private static boolean isWithAgent(AddressState state) {
        return switch (state) {
            case AddressState.Idle _,
                    AddressState.Reserved _,
                    AddressState.Bound _,
                    AddressState.Cooling _,
                    AddressState.Withdrawing _ -> true;
            case AddressState.Supplied _, AddressState.Withdrawn _, AddressState.Unassigning _, AddressState.Gone _ ->
                false;
        };
    }

    /** Addresses that the node may use by its ledger. */
    private static Set<Ip> used(Ledger ledger) {
        Set<Ip> used = new HashSet<>();
        ledger.offered().forEach(entry -> used.add(entry.address().ip()));
        ledger.bindings().forEach(binding -> binding.addresses().forEach(address -> used.add(address.ip())));
        return used;
    }

    /** A ledger that uses what its node withdrew before is an older copy. */
    private static Optional<String> returned(NodeState node, Ledger ledger) {
        Set<Ip> used = used(ledger);
        for (Slot slot : node.slots.values()) {
            boolean off = slot.state instanceof AddressState.Unassigning || slot.state instanceof AddressState.Gone;
            if (off && used.contains(slot.ip)) {
                return Optional.of("the ledger uses " + slot.ip + ", which it had durably withdrawn");
            }
        }
        return Optional.empty();
    }
}
