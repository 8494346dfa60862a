package io.terway.eni.grpc;

import static io.terway.eni.grpc.Answers.value;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.faulttolerance.api.CircuitBreakerMaintenance;
import io.terway.eni.Added;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniOrder;
import io.terway.eni.GroupRule;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.VSwitch;
import io.terway.eni.VpcId;
import io.terway.eni.VpcRoute;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.config.LiveConfig;
import io.terway.eni.ecs.CloudEdge;
import io.terway.eni.ecs.CredentialChain;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.AddressOperations;
import io.terway.eni.operation.AddressOutcome;
import io.terway.eni.operation.CloudSide;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.operation.GroupOperations.GroupOutcome;
import io.terway.eni.operation.InstanceView;
import io.terway.eni.operation.RouteOperations.RouteOutcome;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.AttachEniRequest;
import io.terway.wire.eni.v1.ChangeSecurityGroupRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.DeleteEniRequest;
import io.terway.wire.eni.v1.DeleteRouteRequest;
import io.terway.wire.eni.v1.DescribeInstanceRequest;
import io.terway.wire.eni.v1.DetachEniRequest;
import io.terway.wire.eni.v1.EniManagerGrpc.EniManagerImplBase;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.InstanceUpdate;
import io.terway.wire.eni.v1.ListRoutesRequest;
import io.terway.wire.eni.v1.ListRoutesResponse;
import io.terway.wire.eni.v1.ListSecurityGroupsRequest;
import io.terway.wire.eni.v1.ListSecurityGroupsResponse;
import io.terway.wire.eni.v1.ListVSwitchesRequest;
import io.terway.wire.eni.v1.ListVSwitchesResponse;
import io.terway.wire.eni.v1.ModifyEniRequest;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.PutRouteRequest;
import io.terway.wire.eni.v1.StatusRequest;
import io.terway.wire.eni.v1.StatusResponse;
import io.terway.wire.eni.v1.UnassignRequest;
import io.terway.wire.eni.v1.WatchRequest;
import jakarta.enterprise.event.Observes;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The EniManager service: reads requests, runs operations, writes outcomes. Cloud failures are part of an outcome; gRPC
 * errors are for bad requests, a lost lease, and reads that the cloud refused. Longer than the rule because it is the
 * whole contract, method by method.
 */
@GrpcService
public class EniGrpc extends EniManagerImplBase {

    private final EniManagerConfig config;
    private final CloudSide cloud;
    private final Leader leader;
    private final CredentialChain credentials;
    private final LiveConfig live;
    private final CircuitBreakerMaintenance circuits;
    private final Answers answers;

    EniGrpc(
            EniManagerConfig config,
            CloudSide cloud,
            Leader leader,
            CredentialChain credentials,
            LiveConfig live,
            CircuitBreakerMaintenance circuits) {
        this.config = config;
        this.cloud = cloud;
        this.leader = leader;
        this.credentials = credentials;
        this.live = live;
        this.circuits = circuits;
        answers = new Answers(leader);
    }

    void start(@Observes StartupEvent event) {
        cloud.start();
    }

    void stop(@Observes ShutdownEvent event) {
        leader.close(() -> cloud.running() == 0);
    }

    @Override
    public void describeInstance(DescribeInstanceRequest request, StreamObserver<Instance> out) {
        answers.answer(out, () -> {
            InstanceId id = Requests.instance(request.getInstanceId());
            Optional<InstanceView> view = value(cloud.reader().describe(id, request.getFresh()));
            return wire(view.orElseThrow(() -> unknown(id)));
        });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<InstanceUpdate> out) {
        if (!leader.leading()) {
            out.onError(Answers.notLeader());
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
    public void createEni(CreateEniRequest request, StreamObserver<io.terway.wire.eni.v1.EniOutcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            EniOrder order =
                    Requests.order(request, cloud.tags(), () -> described(Requests.instance(request.getInstanceId())));
            return reply(cloud.eniOperations()
                    .run(order.operation(), again -> cloud.enis().create(order, again)));
        });
    }

    private ComputeInstance described(InstanceId id) {
        return value(cloud.reader().describe(id, false))
                .map(InstanceView::instance)
                .orElseThrow(() -> Fields.invalid("instance_id: '" + id + "' is not listed by the cloud"));
    }

    private StatusRuntimeException unknown(InstanceId id) {
        return Status.NOT_FOUND
                .withDescription("instance " + id + " is not listed in "
                        + config.ecs().region() + "; check the id and the RAM permission ecs:DescribeInstances")
                .asRuntimeException();
    }

    @Override
    public void attachEni(AttachEniRequest request, StreamObserver<io.terway.wire.eni.v1.EniOutcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            InstanceId instance = Requests.instance(request.getInstanceId());
            Seat seat = request.getTrunkEniId().isEmpty()
                    ? new Seat.OnInstance(instance)
                    : new Seat.OnTrunk(instance, Fields.read("trunk_eni_id", request.getTrunkEniId(), EniId::new));
            return reply(cloud.eniOperations().run(id, _ -> cloud.enis().attach(eni, seat)));
        });
    }

    private io.terway.wire.eni.v1.EniOutcome reply(EniOutcome outcome) {
        var reply = io.terway.wire.eni.v1.EniOutcome.newBuilder().setTerm(leader.term());
        switch (outcome) {
            case EniOutcome.Ready(NetworkInterface eni) ->
                reply.setEni(EniWire.to(eni, cloud.ownership(), subnets(eni)));
            case EniOutcome.NotDone(CloudFailure failure) -> reply.setFailure(EniWire.to(failure));
            case EniOutcome.Removed(EniId eni) ->
                throw Fields.invalid("operation_id: it was the removal of " + eni + "; use another one");
        }
        return reply.build();
    }

    @Override
    public void deleteEni(DeleteEniRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            return done(cloud.eniOperations().run(id, _ -> cloud.enis().remove(eni)));
        });
    }

    @Override
    public void detachEni(DetachEniRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            InstanceId from = Requests.instance(request.getInstanceId());
            return done(cloud.eniOperations().run(id, _ -> cloud.enis().detach(eni, from)));
        });
    }

    @Override
    public void modifyEni(ModifyEniRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            List<SecurityGroupId> groups = Requests.groups(request.getSecurityGroupIdsList());
            if (groups.isEmpty()) {
                throw Fields.invalid("security_group_ids: an ENI is in 1 to " + EniOrder.MAX_GROUPS + " groups, not 0");
            }
            return done(cloud.eniOperations().run(id, _ -> cloud.enis().modify(eni, groups)));
        });
    }

    private Outcome done(EniOutcome outcome) {
        return switch (outcome) {
            case EniOutcome.Ready _, EniOutcome.Removed _ -> done();
            case EniOutcome.NotDone(CloudFailure failure) -> notDone(failure);
        };
    }

    private Outcome done() {
        return Outcome.newBuilder().setTerm(leader.term()).build();
    }

    private Outcome notDone(CloudFailure failure) {
        return Outcome.newBuilder()
                .setTerm(leader.term())
                .setFailure(EniWire.to(failure))
                .build();
    }

    @Override
    public void assignAddresses(AssignRequest request, StreamObserver<AddressesOutcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            AddressOperations.Assign assign = Requests.assign(request);
            AddressOutcome outcome = cloud.addressOperations()
                    .run(assign.operation(), _ -> cloud.addresses().assign(assign));
            AddressesOutcome.Builder reply = AddressesOutcome.newBuilder().setTerm(leader.term());
            outcome.added().addresses().forEach(ip -> reply.addAddresses(ip.toString()));
            outcome.added().prefixes().forEach(block -> reply.addPrefixes(block.toString()));
            if (outcome instanceof AddressOutcome.Partly(Added _, CloudFailure failure)) {
                reply.setFailure(EniWire.to(failure));
            }
            return reply.build();
        });
    }

    @Override
    public void unassignAddresses(UnassignRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            AddressOperations.Unassign unassign = Requests.unassign(request);
            return switch (cloud.addressOperations()
                    .run(id, _ -> cloud.addresses().unassign(unassign))) {
                case AddressOutcome.Complete _ -> done();
                case AddressOutcome.Partly(Added _, CloudFailure failure) -> notDone(failure);
            };
        });
    }

    @Override
    public void putRoute(PutRouteRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            Cidr cidr = Requests.cidr(request.getCidr());
            InstanceId to = Requests.instance(request.getInstanceId());
            VpcId vpc = described(to).vpc();
            return done(cloud.routeOperations().run(id, _ -> cloud.routes().put(id, vpc, cidr, to)));
        });
    }

    @Override
    public void deleteRoute(DeleteRouteRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            cloud.journal().fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            Cidr cidr = Requests.cidr(request.getCidr());
            InstanceId to = Requests.instance(request.getInstanceId());
            RouteOutcome outcome = new RouteOutcome.Reached();
            // The instance may be gone, and with it what tells its VPC: the entry is looked for in each of ours.
            for (VpcId vpc : vpcs()) {
                if (outcome instanceof RouteOutcome.Reached) {
                    outcome = cloud.routeOperations()
                            .run(part(id, vpc), _ -> cloud.routes().remove(id, vpc, cidr, to));
                }
            }
            return done(outcome);
        });
    }

    private static OperationId part(OperationId id, VpcId vpc) {
        return new OperationId(id.clientToken("in " + vpc));
    }

    private Outcome done(RouteOutcome outcome) {
        return switch (outcome) {
            case RouteOutcome.Reached _ -> done();
            case RouteOutcome.NotDone(CloudFailure failure) -> notDone(failure);
        };
    }

    @Override
    public void listRoutes(ListRoutesRequest request, StreamObserver<ListRoutesResponse> out) {
        answers.answer(out, () -> {
            ListRoutesResponse.Builder all = ListRoutesResponse.newBuilder().setQuota(VpcRoute.QUOTA);
            for (VpcId vpc : vpcs()) {
                all.mergeFrom(GroupWire.to(value(cloud.routes().list(vpc)), cloud.tags(), VpcRoute.QUOTA));
            }
            return all.build();
        });
    }

    /** The VPCs of the instances we know; before the first is known nothing can be said of routes. */
    private Set<VpcId> vpcs() {
        Set<VpcId> vpcs = new HashSet<>();
        cloud.inventory().instances().forEach(instance -> vpcs.add(instance.vpc()));
        if (vpcs.isEmpty()) {
            throw Status.UNAVAILABLE
                    .withDescription("no instance of this cluster is known yet; describe one, then ask again")
                    .asRuntimeException();
        }
        return vpcs;
    }

    @Override
    public void listSecurityGroups(ListSecurityGroupsRequest request, StreamObserver<ListSecurityGroupsResponse> out) {
        answers.answer(out, () -> {
            List<SecurityGroupId> ids = Fields.readAll("ids", request.getIdsList(), 100, SecurityGroupId::new);
            if (ids.isEmpty()) {
                throw Fields.invalid("ids: name 1 to 100 security groups, not 0");
            }
            return GroupWire.to(value(cloud.groups().list(ids)), cloud.tags());
        });
    }

    @Override
    public void changeSecurityGroup(ChangeSecurityGroupRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            OperationId id = Requests.operation(request.getOperationId());
            SecurityGroupId group = Fields.read("group_id", request.getGroupId(), SecurityGroupId::new);
            List<GroupRule> add = Requests.toAdd(request);
            List<String> remove = Requests.toRemove(request);
            return switch (cloud.groupOperations().run(id, _ -> cloud.groups().change(id, group, add, remove))) {
                case GroupOutcome.Reached _ -> done();
                case GroupOutcome.NotDone(CloudFailure failure) -> notDone(failure);
            };
        });
    }

    @Override
    public void listVSwitches(ListVSwitchesRequest request, StreamObserver<ListVSwitchesResponse> out) {
        answers.answer(out, () -> {
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
    public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
        out.onNext(StatusResponse.newBuilder()
                .setLeader(leader.leading())
                .setTerm(leader.term())
                .setCredentialsSource(credentials.source())
                .setEndpoint(config.ecs().endpoint().orElse("the cloud's own"))
                .setRegion(config.ecs().region())
                .setOperationsInFlight(cloud.running())
                .putCircuits(CloudEdge.MUTATIONS, circuit(CloudEdge.MUTATIONS))
                .putCircuits(CloudEdge.READS, circuit(CloudEdge.READS))
                .addAllConfigProblems(live.problems())
                .build());
        out.onCompleted();
    }

    private String circuit(String name) {
        return switch (circuits.currentState(name)) {
            case CLOSED -> "closed";
            case OPEN -> "open";
            case HALF_OPEN -> "half-open";
        };
    }

    private Instance wire(InstanceView view) {
        return EniWire.to(view, cloud.ownership(), this::subnets);
    }

    /** The blocks of an ENI's vSwitch; empty when the cloud does not tell, and the next update has them. */
    private List<Cidr> subnets(NetworkInterface eni) {
        return switch (cloud.vSwitches().find(eni.vSwitch())) {
            case CloudResult.Ok<Optional<VSwitch>>(Optional<VSwitch> found) ->
                found.map(VSwitch::subnets).orElse(List.of());
            case CloudResult.Failed<Optional<VSwitch>> _ -> List.of();
        };
    }
}
