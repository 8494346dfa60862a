package io.terway.eni.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniOrder;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.VSwitch;
import io.terway.eni.VpcId;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.ecs.CredentialChain;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.AddressOperations;
import io.terway.eni.operation.AddressOutcome;
import io.terway.eni.operation.CloudSide;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.operation.InstanceView;
import io.terway.eni.operation.LeadershipLost;
import io.terway.eni.operation.Operations;
import io.terway.eni.operation.TermFence;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.DeleteEniRequest;
import io.terway.wire.eni.v1.DescribeInstanceRequest;
import io.terway.wire.eni.v1.EniManagerGrpc.EniManagerImplBase;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.InstanceUpdate;
import io.terway.wire.eni.v1.ListVSwitchesRequest;
import io.terway.wire.eni.v1.ListVSwitchesResponse;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.StatusRequest;
import io.terway.wire.eni.v1.StatusResponse;
import io.terway.wire.eni.v1.UnassignRequest;
import io.terway.wire.eni.v1.WatchRequest;
import jakarta.enterprise.event.Observes;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The EniManager service: reads requests, runs operations, writes outcomes. Cloud failures are part of an outcome; gRPC
 * errors are for bad requests, a lost lease, and reads that the cloud refused. Longer than the rule because it is the
 * whole contract, method by method.
 */
@GrpcService
public class EniGrpc extends EniManagerImplBase {

    /** Goes with the refusal of a lower term: the highest one seen, so that a leader can take a higher one. */
    static final Metadata.Key<String> SEEN_TERM = Metadata.Key.of("terway-seen-term", Metadata.ASCII_STRING_MARSHALLER);

    private static final int MAX_ASSIGN = 50;

    private final EniManagerConfig config;
    private final CloudSide cloud;
    private final Leader leader;
    private final CredentialChain credentials;

    EniGrpc(EniManagerConfig config, CloudSide cloud, Leader leader, CredentialChain credentials) {
        this.config = config;
        this.cloud = cloud;
        this.leader = leader;
        this.credentials = credentials;
    }

    void start(@Observes StartupEvent event) {
        cloud.start();
    }

    void stop(@Observes ShutdownEvent event) {
        leader.close(() -> cloud.running() == 0);
    }

    @Override
    @RunOnVirtualThread
    public void describeInstance(DescribeInstanceRequest request, StreamObserver<Instance> out) {
        answer(out, () -> {
            InstanceId id = Fields.read("instance_id", request.getInstanceId(), InstanceId::new);
            Optional<InstanceView> view = value(cloud.reader().describe(id, request.getFresh()));
            return wire(view.orElseThrow(() -> Status.NOT_FOUND
                    .withDescription("instance " + id + " is not listed in "
                            + config.ecs().region() + "; check the id and the RAM permission ecs:DescribeInstances")
                    .asRuntimeException()));
        });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<InstanceUpdate> out) {
        if (!leader.leading()) {
            out.onError(notLeader());
            return;
        }
        new WatchStream(
                        cloud,
                        leader,
                        (ServerCallStreamObserver<InstanceUpdate>) out,
                        id -> cloud.inventory().view(id).map(this::wire))
                .start();
    }

    @Override
    @RunOnVirtualThread
    public void createEni(CreateEniRequest request, StreamObserver<io.terway.wire.eni.v1.EniOutcome> out) {
        answer(out, () -> {
            cloud.ipamTerms().check(request.getTerm());
            OperationId id = operation(request.getOperationId());
            EniOrder order = order(id, request);
            EniOutcome outcome =
                    cloud.eniOperations().run(id, again -> cloud.enis().create(order, again));
            var reply = io.terway.wire.eni.v1.EniOutcome.newBuilder().setTerm(leader.term());
            switch (outcome) {
                case EniOutcome.Ready(NetworkInterface eni) ->
                    reply.setEni(EniWire.to(eni, cloud.tags(), subnets(eni)));
                case EniOutcome.NotDone(CloudFailure failure) -> reply.setFailure(EniWire.to(failure));
                case EniOutcome.Removed(EniId eni) ->
                    throw Fields.invalid("operation_id: " + id + " was the removal of " + eni);
            }
            return reply.build();
        });
    }

    private EniOrder order(OperationId id, CreateEniRequest request) {
        InstanceId instance = Fields.read("instance_id", request.getInstanceId(), InstanceId::new);
        List<VSwitchId> vSwitches =
                Fields.readAll("v_switch_ids", request.getVSwitchIdsList(), EniOrder.MAX_V_SWITCHES, VSwitchId::new);
        List<SecurityGroupId> groups = Fields.readAll(
                "security_group_ids", request.getSecurityGroupIdsList(), EniOrder.MAX_GROUPS, SecurityGroupId::new);
        int ipv4 = Fields.count("ipv4_count", request.getIpv4Count(), EniOrder.MAX_IPV4);
        int ipv6 = Fields.count("ipv6_count", request.getIpv6Count(), EniOrder.MAX_IPV6);
        EniType type = request.getType().isEmpty()
                ? EniType.SECONDARY
                : Fields.read("type", request.getType(), EniType::parse);
        Fields.read("tags", "", _ -> cloud.tags().forOperation(id, request.getTagsMap()));
        ComputeInstance described = vSwitches.isEmpty() || groups.isEmpty() ? described(instance) : null;
        return Fields.read(
                "request",
                "",
                _ -> new EniOrder(
                        id,
                        instance,
                        vSwitches.isEmpty() ? List.of(described.vSwitch()) : vSwitches,
                        groups.isEmpty() ? described.groups() : groups,
                        ipv4,
                        ipv6,
                        request.getTagsMap(),
                        request.getResourceGroupId(),
                        type));
    }

    private ComputeInstance described(InstanceId id) {
        return value(cloud.reader().describe(id, false))
                .map(InstanceView::instance)
                .orElseThrow(() -> Fields.invalid("instance_id: " + id + " is not listed by the cloud"));
    }

    @Override
    @RunOnVirtualThread
    public void deleteEni(DeleteEniRequest request, StreamObserver<Outcome> out) {
        answer(out, () -> {
            cloud.ipamTerms().check(request.getTerm());
            OperationId id = operation(request.getOperationId());
            EniId eni = Fields.read("eni_id", request.getEniId(), EniId::new);
            EniOutcome outcome = cloud.eniOperations().run(id, _ -> cloud.enis().remove(eni));
            Outcome.Builder reply = Outcome.newBuilder().setTerm(leader.term());
            if (outcome instanceof EniOutcome.NotDone(CloudFailure failure)) {
                reply.setFailure(EniWire.to(failure));
            }
            return reply.build();
        });
    }

    @Override
    @RunOnVirtualThread
    public void assignAddresses(AssignRequest request, StreamObserver<AddressesOutcome> out) {
        answer(out, () -> {
            cloud.ipamTerms().check(request.getTerm());
            AddressOperations.Assign assign = new AddressOperations.Assign(
                    operation(request.getOperationId()),
                    Fields.read("eni_id", request.getEniId(), EniId::new),
                    Fields.count("ipv4_count", request.getIpv4Count(), MAX_ASSIGN),
                    Fields.count("ipv6_count", request.getIpv6Count(), MAX_ASSIGN),
                    Fields.readAll("addresses", request.getAddressesList(), MAX_ASSIGN, Ip::parse));
            AddressOutcome outcome = cloud.addressOperations()
                    .run(assign.operation(), _ -> cloud.addresses().assign(assign));
            AddressesOutcome.Builder reply = AddressesOutcome.newBuilder().setTerm(leader.term());
            outcome.added().forEach(ip -> reply.addAddresses(ip.toString()));
            if (outcome instanceof AddressOutcome.Partly(List<Ip> _, CloudFailure failure)) {
                reply.setFailure(EniWire.to(failure));
            }
            return reply.build();
        });
    }

    @Override
    @RunOnVirtualThread
    public void unassignAddresses(UnassignRequest request, StreamObserver<Outcome> out) {
        answer(out, () -> {
            cloud.ipamTerms().check(request.getTerm());
            OperationId id = operation(request.getOperationId());
            AddressOperations.Unassign unassign = new AddressOperations.Unassign(
                    Fields.read("eni_id", request.getEniId(), EniId::new),
                    Fields.readAll("addresses", request.getAddressesList(), MAX_ASSIGN, Ip::parse),
                    Fields.readAll("prefixes", request.getPrefixesList(), MAX_ASSIGN, Cidr::parse));
            AddressOutcome outcome =
                    cloud.addressOperations().run(id, _ -> cloud.addresses().unassign(unassign));
            Outcome.Builder reply = Outcome.newBuilder().setTerm(leader.term());
            if (outcome instanceof AddressOutcome.Partly(List<Ip> _, CloudFailure failure)) {
                reply.setFailure(EniWire.to(failure));
            }
            return reply.build();
        });
    }

    @Override
    @RunOnVirtualThread
    public void listVSwitches(ListVSwitchesRequest request, StreamObserver<ListVSwitchesResponse> out) {
        answer(out, () -> {
            ListVSwitchesResponse.Builder reply = ListVSwitchesResponse.newBuilder();
            if (request.getIdsCount() == 0) {
                Set<VpcId> vpcs = new HashSet<>();
                cloud.inventory().instances().forEach(instance -> vpcs.add(instance.vpc()));
                value(cloud.vSwitches().list(vpcs)).forEach(vSwitch -> reply.addVSwitches(EniWire.to(vSwitch)));
            }
            for (VSwitchId id : Fields.readAll("ids", request.getIdsList(), EniOrder.MAX_V_SWITCHES, VSwitchId::new)) {
                value(cloud.vSwitches().find(id)).ifPresent(vSwitch -> reply.addVSwitches(EniWire.to(vSwitch)));
            }
            return reply.build();
        });
    }

    @Override
    @RunOnVirtualThread
    public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
        out.onNext(StatusResponse.newBuilder()
                .setLeader(leader.leading())
                .setTerm(leader.term())
                .setCredentialsSource(credentials.source())
                .setEndpoint(config.ecs().endpoint().orElse("the cloud's own"))
                .setRegion(config.ecs().region())
                .setOperationsInFlight(cloud.running())
                .build());
        out.onCompleted();
    }

    private <T> void answer(StreamObserver<T> out, Supplier<T> work) {
        if (!leader.leading()) {
            out.onError(notLeader());
            return;
        }
        try {
            T reply = work.get();
            out.onNext(reply);
            out.onCompleted();
        } catch (StatusRuntimeException refused) {
            out.onError(refused);
        } catch (LeadershipLost lost) {
            out.onError(notLeader());
        } catch (TermFence.Stale stale) {
            Metadata trailers = new Metadata();
            trailers.put(SEEN_TERM, Long.toString(stale.seen()));
            out.onError(Status.FAILED_PRECONDITION
                    .withDescription(stale.getMessage())
                    .asRuntimeException(trailers));
        } catch (UncheckedIOException unwritable) {
            out.onError(
                    Status.UNAVAILABLE.withDescription(unwritable.getMessage()).asRuntimeException());
        } catch (Operations.TooMany full) {
            out.onError(
                    Status.RESOURCE_EXHAUSTED.withDescription(full.getMessage()).asRuntimeException());
        }
    }

    private static StatusRuntimeException notLeader() {
        return Status.FAILED_PRECONDITION.withDescription(Leader.NOT_LEADER).asRuntimeException();
    }

    private static OperationId operation(String text) {
        return Fields.read("operation_id", text, OperationId::new);
    }

    private Instance wire(InstanceView view) {
        return EniWire.to(view, cloud.tags(), this::subnets);
    }

    /** The blocks of an ENI's vSwitch; empty when the cloud does not tell, and the next update has them. */
    private List<Cidr> subnets(NetworkInterface eni) {
        return switch (cloud.vSwitches().find(eni.vSwitch())) {
            case CloudResult.Ok<Optional<VSwitch>>(Optional<VSwitch> found) ->
                found.map(VSwitch::subnets).orElse(List.of());
            case CloudResult.Failed<Optional<VSwitch>> _ -> List.of();
        };
    }

    private static <T> T value(CloudResult<T> result) {
        return switch (result) {
            case CloudResult.Ok<T>(T value) -> value;
            case CloudResult.Failed<T>(CloudFailure failure) ->
                throw status(failure)
                        .withDescription(failure.code() + ": " + failure.message())
                        .asRuntimeException();
        };
    }

    /** The status of a read that failed, by the same classes as the outcomes. */
    private static Status status(CloudFailure failure) {
        return switch (EniWire.to(failure).getClass_()) {
            case THROTTLED, TRANSIENT, CONFLICT -> Status.UNAVAILABLE;
            case QUOTA, V_SWITCH_EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case NOT_FOUND -> Status.NOT_FOUND;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case INVALID -> Status.INVALID_ARGUMENT;
            case UNKNOWN, CLASS_UNSPECIFIED, UNRECOGNIZED -> Status.INTERNAL;
        };
    }
}
