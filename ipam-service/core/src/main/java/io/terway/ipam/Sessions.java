package io.terway.ipam;

import io.terway.ipam.Cluster.Session;
import io.terway.ipam.IpamCommand.End;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Sessions with agents: who may speak for a node, and how a ledger becomes our view of it. */
final class Sessions {

    private final Cluster cluster;

    Sessions(Cluster cluster) {
        this.cluster = cluster;
    }

    void opened(IpamEvent.SessionOpened event) {
        Hello hello = event.hello();
        NodeName asking = hello.identity().node();
        if (!cluster.shard.serves(hello.zone(), asking)) {
            end(
                    event.session(),
                    End.OTHER_SHARD,
                    "node " + asking + " in zone " + hello.zone() + " is served by "
                            + cluster.shard.other(hello.zone(), asking)
                            + "; its agent was started with another terway.shards than this one");
            return;
        }
        if (hello.highestTerm() > cluster.term) {
            end(event.session(), End.NOT_LEADER, "not the leader");
            cluster.say(new IpamCommand.StepDown(hello.highestTerm()));
            return;
        }
        Optional<String> wrong = Identities.wrongMachine(cluster, hello.identity());
        if (wrong.isPresent()) {
            quarantine(event.session(), hello.identity().node(), wrong.get());
            askForFormer(hello.identity());
            return;
        }
        NodeState node = cluster.nodes.get(hello.identity().node());
        if (node != null && node.session.isPresent()) {
            SessionId before = node.session.get();
            cluster.sessions.remove(before);
            node.session = Optional.empty();
            end(before, End.REPLACED, "replaced by a newer session");
        }
        NodeName name = hello.identity().node();
        SessionId earlier = cluster.opening.put(name, event.session());
        if (earlier != null) {
            cluster.sessions.remove(earlier);
            end(earlier, End.REPLACED, "replaced by a newer session");
        }
        cluster.sessions.put(event.session(), new Session(event.session(), hello));
        if (hello.rebuilding()) {
            cluster.say(new IpamCommand.Say(event.session(), LastViews.of(cluster, hello.identity())));
        }
    }

    /** The name has another machine: the proof that the former one is gone may have been missed. */
    private void askForFormer(NodeIdentity identity) {
        NodeState node = cluster.nodes.get(identity.node());
        if (node != null && !node.identity.instance().equals(identity.instance())) {
            cluster.say(new IpamCommand.Describe(node.identity.instance(), true));
        }
    }

    void closed(SessionId id) {
        Session session = cluster.sessions.remove(id);
        if (session == null) {
            return;
        }
        cluster.opening.remove(session.node(), id);
        NodeState node = cluster.nodes.get(session.node());
        if (node != null && node.session.equals(Optional.of(id))) {
            node.session = Optional.empty();
            if (!cluster.instances.containsKey(node.identity.instance())) {
                node.describeAt = Instant.MIN; // shown as released while its agent still spoke
            }
            cluster.touch(node);
        }
    }

    void ledgerReceived(IpamEvent.LedgerReceived event, Instant now) {
        Session session = cluster.sessions.get(event.session());
        if (session == null || session.inSync) {
            return; // ended meanwhile, or a second ledger: the first one stands
        }
        cluster.opening.remove(session.node(), session.id);
        NodeIdentity identity = session.hello.identity();
        Optional<String> wrong = Identities.wrongLedger(cluster, session.hello, event.ledger());
        if (wrong.isPresent()) {
            cluster.sessions.remove(session.id);
            quarantine(session.id, identity.node(), wrong.get());
            return;
        }
        NodeState node = cluster.nodes.get(identity.node());
        if (node != null && !node.identity.sameMachine(identity)) {
            cluster.drop(node, now);
            node = null;
        }
        if (node == null) {
            node = new NodeState(cluster, session.hello);
            cluster.nodes.put(identity.node(), node);
        }
        admit(node, session, event.ledger(), now);
    }

    private void admit(NodeState node, Session session, Ledger ledger, Instant now) {
        NodeIdentity identity = session.hello.identity();
        cluster.ledgers.remove(node.identity.ledgerId(), node.name);
        cluster.ledgers.put(identity.ledgerId(), node.name);
        cluster.byInstance.remove(node.identity.instance(), node);
        cluster.byInstance.put(identity.instance(), node);
        boolean otherLedger = !node.identity.ledgerId().equals(identity.ledgerId());
        node.identity = identity;
        node.bootId = session.hello.bootId();
        node.type = session.hello.type();
        node.zone = session.hello.zone();
        node.sequence = session.hello.ledgerSequence();
        node.session = Optional.of(session.id);
        node.quarantine = "";
        node.releasedSince = Optional.empty();
        session.inSync = true;
        session.state = node;
        Map<Ip, AddressState> before = read(node, ledger, now);
        // What the ledger shows as withdrawn may have been offered and used again, in entries that went with the power.
        Instant rested = now.plus(cluster.config(node).coolDown().minus(session.hello.sinceBoot()));
        node.removeAfter = rested.isAfter(node.removeAfter) ? rested : node.removeAfter;
        if (otherLedger) {
            keepCooling(node, ledger, before);
        }
        IpamEvent.NodeSeen seen = cluster.known.get(node.name);
        if (seen != null && !seen.ledgerId().equals(Optional.of(identity.ledgerId()))) {
            cluster.say(new IpamCommand.Anchor(node.name, identity.ledgerId()));
        }
        node.mode = Modes.of(cluster, node);
        CloudInstance instance = cluster.instances.get(identity.instance());
        if (node.cloud.isEmpty() && instance != null) {
            node.sees(instance);
        }
        cluster.refresh(node);
        // Before any configuration was read the agent keeps the one on its disk, which an older revision leaves alone.
        NodeConfig config = cluster.revision == 0
                ? NodeConfig.of(cluster.config(node), 0, node.mode, 0, List.of())
                : cluster.nodeConfig(node);
        cluster.say(new IpamCommand.Say(session.id, new Word.Welcome(node.sequence, config)));
        if (instance == null) {
            node.describeAt = now;
        } else {
            new CloudSide(cluster).reconcile(node, instance, now);
        }
        cluster.touch(node);
    }

    /** A ledger of another life does not know what was released in the former one: those cool-downs run on here. */
    private static void keepCooling(NodeState node, Ledger ledger, Map<Ip, AddressState> before) {
        Set<Ip> known = new HashSet<>();
        ledger.cooling().forEach(cooling -> known.add(cooling.ip()));
        ledger.bindings().forEach(binding -> binding.addresses().forEach(address -> known.add(address.ip())));
        Set<Ip> offered = new HashSet<>();
        ledger.offered().forEach(entry -> offered.add(entry.address().ip()));
        before.forEach((ip, state) -> {
            Slot slot = node.slots.get(ip);
            if (state instanceof AddressState.Cooling && slot != null && !known.contains(ip)) {
                slot.unoffered = !offered.contains(ip);
                node.move(slot, state);
            }
        });
    }

    /**
     * Makes the ledger our view and gives the one before. Addresses being taken off stay so: the agent let go of them
     * before.
     */
    private Map<Ip, AddressState> read(NodeState node, Ledger ledger, Instant now) {
        Map<Ip, AddressState> before = new HashMap<>();
        node.requests.forgetAll(now);
        for (Slot slot : List.copyOf(node.slots.values())) {
            before.put(slot.ip, slot.state);
            if (!(slot.state instanceof AddressState.Unassigning) && !(slot.state instanceof AddressState.Gone)) {
                node.move(slot, new AddressState.Supplied());
            }
            slot.eni.dropping = false;
        }
        List.copyOf(node.bindings.keySet()).forEach(node::unbind);
        node.number = Math.max(node.number, ledger.highestNumber());
        for (Ledger.Numbered withdrawn : ledger.withdrawn()) {
            enterWithdrawn(node, withdrawn);
        }
        for (Ledger.Numbered offered : ledger.offered()) {
            Ip ip = offered.address().ip();
            AddressState idle = before.get(ip) instanceof AddressState.Idle was ? was : new AddressState.Idle(now);
            enter(node, offered.address(), offered.number(), idle);
            claim(node, ip);
        }
        for (Ledger.Cooling cooling : ledger.cooling()) {
            Slot slot = node.slots.get(cooling.ip());
            Duration left = cooling.left().isPositive() ? cooling.left() : Allocations.LOOK_AGAIN;
            if (slot != null) {
                node.move(slot, new AddressState.Cooling(cooling.lastHolder(), now.plus(left)));
            }
        }
        for (Binding binding : ledger.bindings()) {
            node.bind(binding);
            if (binding.fixed()) {
                cluster.fixed.held(node, binding);
            }
            for (EniIp address : binding.addresses()) {
                enter(node, address, 0, new AddressState.Bound(binding));
                node.dedicate(node.slots.get(address.ip()).eni, binding.attachment() == Attachment.EXCLUSIVE);
                claim(node, address.ip());
            }
        }
        return before;
    }

    /** A ledger alone does not take an address from the node that the cloud shows it on. */
    private void claim(NodeState node, Ip ip) {
        Optional<Slot> other = cluster.claimed(ip, node).map(holder -> holder.slots.get(ip));
        boolean shown =
                other.filter(slot -> slot.eni.cloud.isPresent() && !slot.absent).isPresent();
        if (!shown) {
            other.ifPresent(slot -> slot.claimed = false);
            node.slots.get(ip).claimed = true;
        }
    }

    /** The node does not use it there. What we know of it since, on its way off or on another ENI, is newer. */
    private static void enterWithdrawn(NodeState node, Ledger.Numbered withdrawn) {
        Slot slot = node.slots.get(withdrawn.address().ip());
        boolean newer = slot != null
                && (!slot.eni.id.equals(withdrawn.address().eni())
                        || slot.state instanceof AddressState.Unassigning
                        || slot.state instanceof AddressState.Gone);
        if (newer) {
            slot.number = Math.max(slot.number, withdrawn.number());
        } else {
            enter(node, withdrawn.address(), withdrawn.number(), new AddressState.Withdrawn());
        }
    }

    private static void enter(NodeState node, EniIp address, long number, AddressState state) {
        Slot slot = node.slots.get(address.ip());
        if (slot != null && !slot.eni.id.equals(address.eni())) {
            node.remove(slot); // moved to another ENI meanwhile: the ledger says where the node uses it
            slot = null;
        }
        if (slot == null) {
            slot = node.add(address.ip(), address.eni(), false, address.block(), state);
            slot.confirmed = true; // the cloud had it when it was offered
        } else {
            node.move(slot, state);
        }
        slot.number = Math.max(slot.number, number);
        slot.unoffered = false;
    }

    /** Addresses by sandbox, to compare two views of a node. */
    static Map<SandboxKey, List<EniIp>> holdings(Iterable<Binding> bindings) {
        Map<SandboxKey, List<EniIp>> held = new HashMap<>();
        for (Binding binding : bindings) {
            held.put(
                    binding.sandbox(),
                    binding.addresses().stream().map(EniIp::bare).toList());
        }
        return held;
    }

    private void quarantine(SessionId session, NodeName name, String why) {
        NodeState node = cluster.nodes.get(name);
        if (node != null) {
            node.quarantine = why;
            cluster.touch(node);
        }
        end(session, End.QUARANTINED, "quarantined: " + why);
        cluster.say(new IpamCommand.Notice(name, true, "NodeQuarantined", why));
    }

    private void end(SessionId session, End end, String reason) {
        cluster.say(new IpamCommand.EndSession(session, end, reason));
    }
}
