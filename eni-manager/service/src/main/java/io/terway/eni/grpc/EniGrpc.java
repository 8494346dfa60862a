package io.terway.eni.grpc;

import static io.terway.eni.grpc.Answers.value;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniOrder;
import io.terway.eni.GroupRule;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.VpcId;
import io.terway.eni.VpcRoute;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.AddressOperations;
import io.terway.eni.operation.CloudSide;
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
import io.terway.wire.eni.v1.ListKeptEnisRequest;
import io.terway.wire.eni.v1.ListKeptEnisResponse;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The EniManager service: reads requests, runs operations, writes outcomes. Cloud failures are part of an outcome; gRPC
 * errors are for bad requests, a lost lease, and reads that the cloud refused.
 */
@GrpcService
public class EniGrpc extends EniManagerImplBase {

    private final EniManagerConfig config;
    private final CloudSide cloud;
    private final Leader leader;
    private final Condition condition;
    private final Answers answers;
    private final Replies replies;

    EniGrpc(EniManagerConfig config, CloudSide cloud, Leader leader, Condition condition) {
        this.config = config;
        this.cloud = cloud;
        this.leader = leader;
        this.condition = condition;
        answers = new Answers(leader);
        replies = new Replies(cloud, leader);
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
            return replies.instance(
                    view.orElseThrow(() -> Answers.unknown(id, config.ecs().region())));
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
                        id -> cloud.inventory().view(id).map(replies::instance))
                .start();
    }

    @Override
    public void createEni(CreateEniRequest request, StreamObserver<io.terway.wire.eni.v1.EniOutcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            EniOrder order =
                    Requests.order(request, cloud.tags(), () -> described(Requests.instance(request.getInstanceId())));
            return replies.eni(cloud.eniOperations()
                    .run(order.operation(), again -> cloud.enis().create(order, again)));
        });
    }

    private void fence(long term) {
        cloud.journal().fence(CallingShard.current(), term);
    }

    private ComputeInstance described(InstanceId id) {
        return value(cloud.reader().describe(id, false))
                .map(InstanceView::instance)
                .orElseThrow(() -> Fields.invalid("instance_id: '" + id + "' is not listed by the cloud"));
    }

    @Override
    public void attachEni(AttachEniRequest request, StreamObserver<io.terway.wire.eni.v1.EniOutcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            Seat seat = Requests.seat(request);
            return replies.eni(cloud.eniOperations().run(id, _ -> cloud.enis().attach(eni, seat)));
        });
    }

    @Override
    public void deleteEni(DeleteEniRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            return replies.done(cloud.eniOperations().run(id, _ -> cloud.enis().remove(eni)));
        });
    }

    @Override
    public void detachEni(DetachEniRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            InstanceId from = Requests.instance(request.getInstanceId());
            return replies.done(cloud.eniOperations().run(id, _ -> cloud.enis().detach(eni, from)));
        });
    }

    @Override
    public void modifyEni(ModifyEniRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            EniId eni = Requests.eni(request.getEniId());
            List<SecurityGroupId> groups = Requests.someGroups(request.getSecurityGroupIdsList());
            return replies.done(cloud.eniOperations().run(id, _ -> cloud.enis().modify(eni, groups)));
        });
    }

    @Override
    public void listKeptEnis(ListKeptEnisRequest request, StreamObserver<ListKeptEnisResponse> out) {
        answers.answer(out, () -> EniWire.kept(cloud.keptEnis().list()));
    }

    @Override
    public void assignAddresses(AssignRequest request, StreamObserver<AddressesOutcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            AddressOperations.Assign assign = Requests.assign(request);
            return replies.addresses(cloud.addressOperations()
                    .run(assign.operation(), _ -> cloud.addresses().assign(assign)));
        });
    }

    @Override
    public void unassignAddresses(UnassignRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            AddressOperations.Unassign unassign = Requests.unassign(request);
            return replies.done(
                    cloud.addressOperations().run(id, _ -> cloud.addresses().unassign(unassign)));
        });
    }

    @Override
    public void putRoute(PutRouteRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
            OperationId id = Requests.operation(request.getOperationId());
            Cidr cidr = Requests.cidr(request.getCidr());
            InstanceId to = Requests.instance(request.getInstanceId());
            VpcId vpc = described(to).vpc();
            return replies.done(
                    cloud.routeOperations().run(id, _ -> cloud.routes().put(id, vpc, cidr, to)));
        });
    }

    @Override
    public void deleteRoute(DeleteRouteRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            fence(request.getTerm());
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
            return replies.done(outcome);
        });
    }

    private static OperationId part(OperationId id, VpcId vpc) {
        return new OperationId(id.clientToken("in " + vpc));
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
        Set<VpcId> vpcs = knownVpcs();
        if (vpcs.isEmpty()) {
            throw Answers.noInstance();
        }
        return vpcs;
    }

    private Set<VpcId> knownVpcs() {
        return cloud.inventory().instances().stream().map(ComputeInstance::vpc).collect(Collectors.toSet());
    }

    @Override
    public void listSecurityGroups(ListSecurityGroupsRequest request, StreamObserver<ListSecurityGroupsResponse> out) {
        answers.answer(out, () -> {
            return GroupWire.to(value(cloud.groups().list(Requests.groupIds(request))), cloud.tags());
        });
    }

    @Override
    public void changeSecurityGroup(ChangeSecurityGroupRequest request, StreamObserver<Outcome> out) {
        answers.answer(out, () -> {
            OperationId id = Requests.operation(request.getOperationId());
            SecurityGroupId group = Fields.read("group_id", request.getGroupId(), SecurityGroupId::new);
            List<GroupRule> add = Requests.toAdd(request);
            List<String> remove = Requests.toRemove(request);
            return replies.done(
                    cloud.groupOperations().run(id, _ -> cloud.groups().change(id, group, add, remove)));
        });
    }

    @Override
    public void listVSwitches(ListVSwitchesRequest request, StreamObserver<ListVSwitchesResponse> out) {
        answers.answer(out, () -> {
            ListVSwitchesResponse.Builder reply = ListVSwitchesResponse.newBuilder();
            if (request.getIdsCount() == 0) {
                value(cloud.vSwitches().list(knownVpcs())).forEach(vSwitch -> reply.addVSwitches(EniWire.to(vSwitch)));
            }
            for (VSwitchId id : Fields.readAll("ids", request.getIdsList(), EniOrder.MAX_V_SWITCHES, VSwitchId::new)) {
                value(cloud.vSwitches().find(id)).ifPresent(vSwitch -> reply.addVSwitches(EniWire.to(vSwitch)));
            }
            return reply.build();
        });
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> out) {
        out.onNext(condition.now());
        out.onCompleted();
    }
}
