package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the loop is told. */
public sealed interface IpamEvent {

    /** eni-config was read and is valid. */
    record ConfigChanged(EniConfig config) implements IpamEvent {}

    /**
     * The API server shows this Node.
     *
     * @param instance from spec.providerID, where it names one
     * @param ledgerId the anchored ledger id, once there is one
     * @param override pool sizes of the node's annotations
     */
    record NodeSeen(
            NodeName node, String uid, Optional<InstanceId> instance, Optional<String> ledgerId, PoolOverride override)
            implements IpamEvent {}

    /** The API server no longer has this Node. */
    record NodeGone(NodeName node) implements IpamEvent {}

    /** eni-manager shows this instance; replaces what was known of it. */
    record InstanceSeen(CloudInstance instance) implements IpamEvent {}

    /** A {@link IpamCommand.Describe} failed. */
    record DescribeFailed(InstanceId instance, String message) implements IpamEvent {}

    /** vSwitches as last seen. */
    record VSwitchesSeen(List<VSwitchSupply> vSwitches) implements IpamEvent {

        public VSwitchesSeen {
            vSwitches = List.copyOf(vSwitches);
        }
    }

    /** An agent has said Hello. */
    record SessionOpened(SessionId session, Hello hello) implements IpamEvent {}

    /** The whole ledger of a session's agent has arrived. */
    record LedgerReceived(SessionId session, Ledger ledger) implements IpamEvent {}

    /** The stream is gone. */
    record SessionClosed(SessionId session) implements IpamEvent {}

    /** An agent has answered a withdrawal. */
    record WithdrawAcked(SessionId session, long number, List<Ip> withdrawn, List<Ip> kept) implements IpamEvent {

        public WithdrawAcked {
            withdrawn = List.copyOf(withdrawn);
            kept = List.copyOf(kept);
        }
    }

    /**
     * A sandbox needs addresses.
     *
     * @param ticket comes back with the answer
     * @param deadline when the ADD gives up
     * @param refused addresses the agent would not commit for this request
     */
    record Allocate(
            long ticket,
            RequestId request,
            SessionId session,
            NodeName node,
            SandboxKey sandbox,
            Holder holder,
            Set<Family> families,
            Instant deadline,
            Set<Ip> refused)
            implements IpamEvent {

        public Allocate {
            families = Set.copyOf(families);
            refused = Set.copyOf(refused);
            if (families.isEmpty()) {
                throw new IllegalArgumentException("families of request " + request + " is empty; IPV4, IPV6 or both");
            }
        }
    }

    /** Ledger entries committed by an agent, in order. */
    record Report(long ticket, SessionId session, List<LedgerEvent> events) implements IpamEvent {

        public Report {
            events = List.copyOf(events);
        }
    }

    /** A pool command has ended. */
    record OperationEnded(long operation, OperationResult result) implements IpamEvent {}

    /** Time has passed. */
    record Tick() implements IpamEvent {}
}
