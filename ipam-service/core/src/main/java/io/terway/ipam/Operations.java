package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Opens operations of a node and takes in how they ended. */
final class Operations {

    /** How long a vSwitch without free addresses is passed over. */
    static final Duration EXHAUSTED_FOR = Duration.ofMinutes(1);

    private final Cluster cluster;

    Operations(Cluster cluster) {
        this.cluster = cluster;
    }

    void open(NodeState node, PoolCommand command) {
        Operation operation = new Operation(command);
        node.operations.put(command.operation(), operation);
        cluster.operations.put(command.operation(), node);
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
        node.operations.remove(event.operation());
        node.resendAt.remove(event.operation());
        cluster.operations.remove(event.operation());
        operation.eni().map(node.enis::get).ifPresent(eni -> eni.operation = 0);
        switch (event.result()) {
            case OperationResult.EniCreated created -> created(node, created.eni(), now);
            case OperationResult.Assigned assigned -> assigned(node, operation, assigned.addresses());
            case OperationResult.Removed _ -> removed(node, operation, now);
            case OperationResult.Failed failed -> failed(node, operation, failed, now);
            case OperationResult.Unreached _ -> throw new IllegalStateException("handled above");
        }
    }

    private void created(NodeState node, CloudEni eni, Instant now) {
        ordered(node);
        boolean known = node.enis.containsKey(eni.id());
        new CloudSide(cluster).show(node, eni, now);
        if (!known) {
            // Until a list shows it, a list without it is older than this answer.
            node.enis.get(eni.id()).all().forEach(slot -> slot.confirmed = false);
        }
    }

    private void assigned(NodeState node, Operation operation, List<Ip> addresses) {
        ordered(node);
        EniId eni = operation.eni().orElseThrow();
        for (Ip ip : addresses) {
            Slot slot = node.slots.get(ip);
            if (slot == null) {
                node.add(ip, eni, false, new AddressState.Supplied());
            } else if (slot.state instanceof AddressState.Gone) {
                node.remove(slot); // taken off before and now assigned anew
                node.add(ip, eni, false, new AddressState.Supplied()).number = slot.number;
            }
        }
    }

    private static void ordered(NodeState node) {
        node.orderFailures = 0;
        node.orderAfter = Instant.MIN;
        node.trouble = "";
    }

    private static void removed(NodeState node, Operation operation, Instant now) {
        node.removeFailures = 0;
        switch (operation.command) {
            case PoolCommand.UnassignAddresses unassign -> {
                for (Ip ip : unassign.addresses()) {
                    Slot slot = node.slots.get(ip);
                    if (slot != null && slot.state.equals(new AddressState.Unassigning(unassign.operation()))) {
                        node.move(slot, new AddressState.Gone(now));
                    }
                }
            }
            case PoolCommand.DeleteEni delete -> {
                EniPool eni = node.enis.get(delete.eni());
                node.deletedEnis.put(delete.eni(), now);
                if (eni != null) {
                    eni.cloud = Optional.empty();
                    List.copyOf(eni.all()).forEach(node::remove);
                    node.enis.remove(delete.eni());
                }
            }
            case PoolCommand.CreateEni _, PoolCommand.AssignAddresses _ ->
                throw new IllegalStateException("an operation that adds was answered as a removal");
        }
    }

    private void failed(NodeState node, Operation operation, OperationResult.Failed failed, Instant now) {
        switch (operation.command) {
            case PoolCommand.UnassignAddresses _, PoolCommand.DeleteEni _ -> {
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
                    create.vSwitches().forEach(id -> cluster.blockedUntil.put(id, now.plus(EXHAUSTED_FOR)));
                }
                backOff(node, failed, now);
            }
            case PoolCommand.AssignAddresses assign -> {
                EniPool eni = node.enis.get(assign.eni());
                if (failed.why() == FailureClass.V_SWITCH_EXHAUSTED && eni != null && eni.cloud.isPresent()) {
                    // Spill at once: the next plan takes another ENI or vSwitch.
                    cluster.blockedUntil.put(eni.cloud.get().vSwitch(), now.plus(EXHAUSTED_FOR));
                    node.trouble = failed.message();
                } else {
                    backOff(node, failed, now);
                }
            }
        }
        cluster.say(new IpamCommand.Notice(
                node.name, true, "CloudOperationFailed", failed.why() + ": " + failed.message()));
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
