package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** Opens operations of a node and takes in how they ended. */
final class Operations {

    private static final Duration REFUSED_FOR = Duration.ofSeconds(30);
    private static final int MOST_REFUSED_GROUPS = 100;

    private final Cluster cluster;
    private final Withdrawals withdrawals;
    private final Routes routes;

    Operations(Cluster cluster) {
        this.cluster = cluster;
        withdrawals = new Withdrawals(cluster, this);
        routes = new Routes(cluster, this);
    }

    Withdrawals withdrawals() {
        return withdrawals;
    }

    Routes routes() {
        return routes;
    }

    void open(NodeState node, PoolCommand command) {
        Operation operation = new Operation(command);
        node.operations.put(command.operation(), operation);
        cluster.operations.put(command.operation(), node);
        cluster.whereabouts.begun(operation);
        node.resized = true;
        operation.eni().map(node.enis::get).ifPresent(eni -> eni.operation = command.operation());
        cluster.say(command);
    }

    /** Sends unanswered operations again, unchanged. */
    void resend(NodeState node, Instant now) {
        for (Optional<Long> due = node.resendAt.poll(now); due.isPresent(); due = node.resendAt.poll(now)) {
            cluster.say(node.operations.get(due.get()).command);
        }
    }

    void ended(IpamEvent.OperationEnded event, Instant now) {
        NodeState node = cluster.operations.get(event.operation());
        if (node == null) {
            return; // of a node that is gone, or answered before
        }
        cluster.touch(node);
        Operation operation = node.operations.get(event.operation());
        if (event.result() instanceof OperationResult.Unreached unreached) {
            operation.unreached++;
            node.trouble = unreached.message();
            node.resendAt.put(event.operation(), now.plus(FailureClass.TRANSIENT.backoff(operation.unreached)));
            return;
        }
        node.resized = true;
        node.foreignGroups = true;
        node.strays = true;
        node.operations.remove(event.operation());
        node.resendAt.remove(event.operation());
        cluster.operations.remove(event.operation());
        cluster.whereabouts.ended(operation);
        operation.eni().map(node.enis::get).ifPresent(eni -> eni.operation = 0);
        switch (event.result()) {
            case OperationResult.EniCreated created -> created(node, operation, created.eni(), now);
            case OperationResult.Assigned assigned -> assigned(node, operation, assigned);
            case OperationResult.Changed _ -> changed(node, operation);
            case OperationResult.Removed _ -> removed(node, operation, now);
            case OperationResult.Failed failed -> failed(node, operation, failed, now);
            case OperationResult.Unreached _ -> throw new IllegalStateException("handled above");
        }
    }

    private void created(NodeState node, Operation operation, CloudEni eni, Instant now) {
        ordered(node);
        boolean known = node.enis.containsKey(eni.id());
        node.deletedEnis.remove(eni.id()); // the ENI that a pod keeps may come back
        new CloudSide(cluster).show(node, eni, now);
        EniPool pool = node.enis.get(eni.id());
        pool.dedicated |= operation.creates(Attachment.EXCLUSIVE);
        if (pool.groups.isEmpty() && operation.command instanceof PoolCommand.CreateEni create) {
            pool.groups = create.groups();
        }
        if (!known) {
            // Until a list shows it, a list without it is older than this answer.
            pool.all().forEach(slot -> slot.confirmed = false);
        }
    }

    private void assigned(NodeState node, Operation operation, OperationResult.Assigned assigned) {
        ordered(node);
        EniId eni = operation.eni().orElseThrow();
        assigned.addresses().forEach(ip -> assigned(node, eni, ip, Optional.empty()));
        for (Cidr prefix : assigned.prefixes()) {
            CloudSide.addressesOf(prefix).forEach(ip -> assigned(node, eni, ip, Optional.of(prefix)));
        }
    }

    private static void assigned(NodeState node, EniId eni, Ip ip, Optional<Cidr> block) {
        node.takenOff.remove(new TakenOff.Where(ip, eni));
        Slot slot = node.slots.get(ip);
        if (slot == null) {
            node.add(ip, eni, false, block, new AddressState.Supplied());
        } else if (slot.state instanceof AddressState.Gone) {
            node.remove(slot); // taken off before and now assigned anew
            node.add(ip, eni, false, block, new AddressState.Supplied()).number = slot.number;
        }
    }

    private void changed(NodeState node, Operation operation) {
        ordered(node);
        switch (operation.command) {
            case PoolCommand.ModifyEni modify -> {
                EniPool eni = node.enis.get(modify.eni());
                if (eni != null) {
                    eni.groups = modify.groups();
                    withdrawals.offerAgain(node, eni); // wakes the request that waits for it
                }
            }
            case PoolCommand.PutRoute put -> routes.made(node, put.cidr());
            case PoolCommand.DeleteRoute _,
                    PoolCommand.CreateEni _,
                    PoolCommand.AssignAddresses _,
                    PoolCommand.UnassignAddresses _,
                    PoolCommand.DetachEni _,
                    PoolCommand.AttachEni _,
                    PoolCommand.DeleteEni _ ->
                throw new IllegalStateException(operation.command + " was answered as a change");
        }
    }

    private static void ordered(NodeState node) {
        node.orderFailures = 0;
        node.orderAfter = Instant.MIN;
        node.exhausted = Optional.empty();
        node.trouble = "";
    }

    private void removed(NodeState node, Operation operation, Instant now) {
        node.removeFailures = 0;
        switch (operation.command) {
            case PoolCommand.UnassignAddresses unassign -> {
                freed(node, unassign.eni(), unassign.addresses().size(), now);
                EniPool eni = node.enis.get(unassign.eni());
                AddressState off = new AddressState.Unassigning(unassign.operation());
                for (Slot slot : eni == null ? List.<Slot>of() : eni.in(Census.Kind.UNASSIGNING)) {
                    if (slot.state.equals(off)) {
                        node.move(slot, new AddressState.Gone(now));
                        node.takenOff.add(new TakenOff.Where(slot.ip, slot.eni.id), now);
                        slot.claimed = false; // the cloud may give it to another node at once
                    }
                }
            }
            case PoolCommand.DeleteEni delete -> {
                freed(node, delete.eni(), 1, now);
                left(node, delete.eni(), now);
            }
            case PoolCommand.DetachEni detach -> left(node, detach.eni(), now);
            case PoolCommand.DeleteRoute _ -> {}
            case PoolCommand.CreateEni _,
                    PoolCommand.AttachEni _,
                    PoolCommand.AssignAddresses _,
                    PoolCommand.ModifyEni _,
                    PoolCommand.PutRoute _ ->
                throw new IllegalStateException("an operation that adds was answered as a removal");
        }
    }

    /** A vSwitch that had none has some again. */
    private void freed(NodeState node, EniId id, int addresses, Instant now) {
        Optional.ofNullable(node.enis.get(id))
                .flatMap(eni -> eni.cloud)
                .ifPresent(eni -> cluster.vSwitches.shortages.freed(eni.vSwitch(), addresses, now));
    }

    private static void left(NodeState node, EniId id, Instant now) {
        EniPool eni = node.enis.get(id);
        node.deletedEnis.put(id, now);
        if (eni != null) {
            eni.sees(Optional.empty());
            List.copyOf(eni.all()).forEach(node::remove);
            node.forget(id);
        }
    }

    private void failed(NodeState node, Operation operation, OperationResult.Failed failed, Instant now) {
        switch (operation.command) {
            case PoolCommand.UnassignAddresses _,
                    PoolCommand.DeleteEni _,
                    PoolCommand.DetachEni _,
                    PoolCommand.DeleteRoute _ -> {
                if (failed.why() == FailureClass.NOT_FOUND) {
                    removed(node, operation, now);
                    return;
                }
                putBack(node, operation.command.operation());
                node.removeFailures++;
                node.removeAfter = now.plus(wait(failed, node.removeFailures));
            }
            case PoolCommand.CreateEni create -> {
                if (failed.why() == FailureClass.V_SWITCH_EXHAUSTED) {
                    cluster.vSwitches.refused(node, create.counts(), 1, create.vSwitches(), failed, now);
                }
                refuseGroups(node, create.groups(), failed, now);
                backOff(node, failed, now);
            }
            case PoolCommand.AssignAddresses assign
            when !assign.addresses().isEmpty() -> cluster.fixed.troubles.unassignable(assign.addresses(), failed, now);
            case PoolCommand.AttachEni attach -> cluster.fixed.troubles.unassignable(attach.addresses(), failed, now);
            case PoolCommand.AssignAddresses assign -> {
                EniPool eni = node.enis.get(assign.eni());
                if (failed.why() == FailureClass.V_SWITCH_EXHAUSTED && eni != null && eni.cloud.isPresent()) {
                    // Spill at once: the next plan takes another ENI or vSwitch.
                    cluster.vSwitches.refused(
                            node, assign.counts(), 0, List.of(eni.cloud.get().vSwitch()), failed, now);
                    node.trouble = failed.message();
                } else {
                    backOff(node, failed, now);
                }
            }
            case PoolCommand.ModifyEni modify -> {
                refuseGroups(node, modify.groups(), failed, now);
                EniPool eni = node.enis.get(modify.eni());
                if (eni != null) {
                    node.requests.keptOn(eni).forEach(request -> node.requests.forget(request, now));
                }
                backOff(node, failed, now);
            }
            case PoolCommand.PutRoute put -> {
                routes.failed(node, put.cidr(), failed);
                backOff(node, failed, now);
            }
        }
        cluster.say(new IpamCommand.Notice(
                node.name, true, "CloudOperationFailed", failed.why() + ": " + failed.message()));
    }

    /** Groups that the cloud does not take are the pod's trouble, not the node's. */
    private void refuseGroups(
            NodeState node, List<SecurityGroupId> groups, OperationResult.Failed failed, Instant now) {
        boolean theirs =
                !groups.isEmpty() && !groups.equals(cluster.config(node).groups());
        boolean lasting = switch (failed.why()) {
            case INVALID, NOT_FOUND, FORBIDDEN, QUOTA -> true;
            case THROTTLED, V_SWITCH_EXHAUSTED, CONFLICT, TRANSIENT, UNKNOWN -> false;
        };
        if (theirs && lasting && node.refusedGroups.size() < MOST_REFUSED_GROUPS) {
            node.refusedGroups = node.refusedGroups.isEmpty() ? new HashMap<>() : node.refusedGroups;
            node.refusedGroups.put(groups, new NodeState.RefusedGroups(now.plus(REFUSED_FOR), failed.message()));
        }
    }

    private static void putBack(NodeState node, long operation) {
        AddressState unassigning = new AddressState.Unassigning(operation);
        for (Slot slot : List.copyOf(node.slots.values())) {
            if (slot.state.equals(unassigning)) {
                node.move(slot, new AddressState.Withdrawn());
            }
        }
    }

    private static void backOff(NodeState node, OperationResult.Failed failed, Instant now) {
        node.orderFailures++;
        node.orderAfter = now.plus(wait(failed, node.orderFailures));
        node.trouble = failed.message();
    }

    private static Duration wait(OperationResult.Failed failed, int attempt) {
        Duration ours = failed.why().backoff(attempt);
        return ours.compareTo(failed.retryAfter()) > 0 ? ours : failed.retryAfter();
    }
}
