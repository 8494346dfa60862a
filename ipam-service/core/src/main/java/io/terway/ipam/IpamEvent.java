package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What the loop is told. */
public sealed interface IpamEvent {

    /**
     * The configuration was read and is valid.
     *
     * @param config of the cluster
     * @param overrides what nodes labelled terway-config use instead, by the label's value
     */
    record ConfigChanged(EniConfig config, Map<String, EniConfig> overrides) implements IpamEvent {

        public ConfigChanged {
            overrides = Map.copyOf(overrides);
        }

        /** Without overrides. */
        public ConfigChanged(EniConfig config) {
            this(config, Map.of());
        }
    }

    /**
     * The API server shows this Node.
     *
     * @param instance from spec.providerID, where it names one
     * @param ledgerId the anchored ledger id, once there is one
     * @param override pool sizes of the node's annotations
     * @param podCidrs of spec.podCIDRs, or as anchored by us; VPC mode
     * @param configName of the label terway-config: the ConfigMap whose eni_conf is laid over the cluster's
     * @param draining no pod will be scheduled to it: what is idle goes back
     */
    record NodeSeen(
            NodeName node,
            String uid,
            Optional<InstanceId> instance,
            Optional<String> ledgerId,
            PoolOverride override,
            List<Cidr> podCidrs,
            Optional<String> configName,
            boolean draining)
            implements IpamEvent {

        public NodeSeen {
            podCidrs = List.copyOf(podCidrs);
        }

        /** A Node without pod CIDR and label. */
        public NodeSeen(
                NodeName node,
                String uid,
                Optional<InstanceId> instance,
                Optional<String> ledgerId,
                PoolOverride override) {
            this(node, uid, instance, ledgerId, override, List.of(), Optional.empty(), false);
        }
    }

    /** What a former leader wrote down about a node. Counts until the node's agent and eni-manager say more. */
    record NodeRemembered(RememberedNode remembered) implements IpamEvent {}

    /** Nothing is written down about the node any more. */
    record NodeForgotten(NodeName node) implements IpamEvent {}

    /** The API server no longer has this Node. */
    record NodeGone(NodeName node) implements IpamEvent {}

    /**
     * The API server shows a namespace.
     *
     * @param quota pods with addresses it may have; empty: no limit
     */
    record NamespaceSeen(String namespace, OptionalInt quota) implements IpamEvent {

        /** Annotation of a namespace. */
        public static final String QUOTA = "network.terway.io/ip-quota";
    }

    /** Pods of a namespace that have addresses on nodes which other shards serve. */
    record PodsElsewhere(String namespace, int count) implements IpamEvent {}

    /** The API server shows a pod on a node that has no address yet. */
    record PodScheduled(NodeName node, String uid, Map<String, String> annotations) implements IpamEvent {

        public PodScheduled {
            annotations = Map.copyOf(annotations);
        }
    }

    /**
     * A pod that has its address shows these annotations. Told of pods that ask for security groups, or did: until
     * {@link PodSettled} their ENI has those.
     */
    record PodRegrouped(NodeName node, String uid, Map<String, String> annotations) implements IpamEvent {

        public PodRegrouped {
            annotations = Map.copyOf(annotations);
        }
    }

    /** A pod that was scheduled is gone, or has its address. */
    record PodSettled(NodeName node, String uid) implements IpamEvent {}

    /**
     * The API server has this PodNetInfo, written by us or by others.
     *
     * @param wantedAt the node of another shard that asks for the address
     * @param rest of its cool-down, when it was handed over
     */
    record PodNetInfoSeen(FixedAddress address, Optional<FixedAddress.Target> wantedAt, Duration rest)
            implements IpamEvent {

        /** Nobody else asks for it. */
        public PodNetInfoSeen(FixedAddress address) {
            this(address, Optional.empty(), Duration.ZERO);
        }
    }

    /**
     * The API server no longer has this PodNetInfo.
     *
     * @param object its uid
     */
    record PodNetInfoGone(PodRef pod, String object) implements IpamEvent {}

    /**
     * Whether all PodNetInfos that the API server has were told; true unless it is said otherwise. Until then no address
     * leaves its ENI or is offered anew.
     */
    record PodNetInfosListed(boolean complete) implements IpamEvent {}

    /**
     * Whether anybody wants a pod that has a PodNetInfo: it exists, or its controller will make it again. Not told until
     * that is known; until then it is wanted.
     */
    record PodWanted(PodRef pod, boolean wanted) implements IpamEvent {}

    /** A {@link FixedCommand.Write} failed, or may have: the same pod's next question tries again. */
    record PodNetInfoFailed(PodRef pod, String message) implements IpamEvent {}

    /** eni-manager shows this instance; replaces what was known of it. */
    record InstanceSeen(CloudInstance instance) implements IpamEvent {}

    /** A {@link IpamCommand.Describe} failed. */
    record DescribeFailed(InstanceId instance, String message) implements IpamEvent {}

    /**
     * ENIs that are kept for pods and are on no machine, as eni-manager shows them.
     *
     * @param unnamed those that no PodNetInfo names
     */
    record KeptEnisSeen(List<EniId> unnamed) implements IpamEvent {

        public KeptEnisSeen {
            unnamed = List.copyOf(unnamed);
        }
    }

    /** vSwitches as last seen. */
    record VSwitchesSeen(List<VSwitchSupply> vSwitches) implements IpamEvent {

        public VSwitchesSeen {
            vSwitches = List.copyOf(vSwitches);
        }
    }

    /** Our route entries as a new leader finds them, with the instances they point to. */
    record RoutesSeen(Map<Cidr, InstanceId> routes) implements IpamEvent {

        public RoutesSeen {
            routes = Map.copyOf(routes);
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
     * @param annotations of the pod, those of ours
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
            Set<Ip> refused,
            Map<String, String> annotations)
            implements IpamEvent {

        public Allocate {
            annotations = Map.copyOf(annotations);
            families = Set.copyOf(families);
            refused = Set.copyOf(refused);
            if (families.isEmpty()) {
                throw new IllegalArgumentException("families of request " + request + " is empty; IPV4, IPV6 or both");
            }
        }

        /** For a pod that asks for nothing special. */
        public Allocate(
                long ticket,
                RequestId request,
                SessionId session,
                NodeName node,
                SandboxKey sandbox,
                Holder holder,
                Set<Family> families,
                Instant deadline,
                Set<Ip> refused) {
            this(ticket, request, session, node, sandbox, holder, families, deadline, refused, Map.of());
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
