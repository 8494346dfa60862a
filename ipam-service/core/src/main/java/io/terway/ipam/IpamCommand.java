package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import io.terway.net.NodeName;
import java.util.List;

/** What the edge shall do, in order. */
public sealed interface IpamCommand
        permits PoolCommand,
                FixedCommand,
                IpamCommand.Say,
                IpamCommand.EndSession,
                IpamCommand.AnswerAllocate,
                IpamCommand.AnswerReport,
                IpamCommand.Describe,
                IpamCommand.Audit,
                IpamCommand.Notice,
                IpamCommand.ShowStatus,
                IpamCommand.Anchor,
                IpamCommand.AnchorPodCidrs,
                IpamCommand.StepDown {

    /** Send a word to an agent. */
    record Say(SessionId session, Word word) implements IpamCommand {}

    /** End a session. */
    record EndSession(SessionId session, End end, String reason) implements IpamCommand {}

    /** Why a session ends. */
    enum End {
        REPLACED,
        QUARANTINED,
        NOT_LEADER,
        OTHER_SHARD
    }

    /** Answer an {@link IpamEvent.Allocate}. */
    record AnswerAllocate(long ticket, AllocateOutcome outcome) implements IpamCommand {}

    /** Answer an {@link IpamEvent.Report}. */
    record AnswerReport(long ticket, ReportOutcome outcome) implements IpamCommand {}

    /**
     * Ask eni-manager what an instance has; answered by {@link IpamEvent.InstanceSeen} or DescribeFailed.
     *
     * @param fresh the cloud itself, not what eni-manager remembers
     */
    record Describe(InstanceId instance, boolean fresh) implements IpamCommand {}

    /** A bind or release for the audit stream. */
    record Audit(NodeName node, LedgerEvent event) implements IpamCommand {}

    /** Something a person should know about a node. */
    record Notice(NodeName node, boolean warning, String reason, String message) implements IpamCommand {}

    /**
     * The node's address figures have changed; the newest counts.
     *
     * @param bound addresses that pods hold
     * @param capacity pods the node can hold an address for; 0 while unknown
     * @param enis ENIs that pods can have whole, those they have counted
     * @param members member ENIs likewise
     * @param sufficient false: pods wait and nothing is on its way, for the reason in {@code message}
     * @param ready the agent is in sync and has an address to give, or all are in use
     */
    record ShowStatus(
            NodeName node,
            int bound,
            int held,
            int capacity,
            int enis,
            int members,
            boolean sufficient,
            boolean ready,
            String message)
            implements IpamCommand {

        /** True when every address the node can ever hold is in use: the scheduler must not send another pod. */
        public boolean full() {
            return capacity > 0 && bound >= capacity;
        }
    }

    /** Remember this ledger id with the Node, so that another term knows it. */
    record Anchor(NodeName node, String ledgerId) implements IpamCommand {}

    /** Remember these pod CIDRs with the Node; they count once the API server shows them. */
    record AnchorPodCidrs(NodeName node, List<Cidr> cidrs) implements IpamCommand {

        public AnchorPodCidrs {
            cidrs = List.copyOf(cidrs);
        }
    }

    /** An agent has seen a higher term: we are no longer the leader. */
    record StepDown(long seenTerm) implements IpamCommand {}
}
