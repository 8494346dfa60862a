package io.terway.eni.grpc;

import io.terway.eni.Added;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.NetworkInterface;
import io.terway.eni.VSwitch;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.AddressOutcome;
import io.terway.eni.operation.CloudSide;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.operation.GroupOperations.GroupOutcome;
import io.terway.eni.operation.InstanceView;
import io.terway.eni.operation.RouteOperations.RouteOutcome;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.Outcome;
import java.util.List;
import java.util.Optional;

/** What operations came to, as the contract says it, under our term. Any thread. */
final class Replies {

    private final CloudSide cloud;
    private final Leader leader;

    Replies(CloudSide cloud, Leader leader) {
        this.cloud = cloud;
        this.leader = leader;
    }

    io.terway.wire.eni.v1.EniOutcome eni(EniOutcome outcome) {
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

    AddressesOutcome addresses(AddressOutcome outcome) {
        AddressesOutcome.Builder reply = AddressesOutcome.newBuilder().setTerm(leader.term());
        outcome.added().addresses().forEach(ip -> reply.addAddresses(ip.toString()));
        outcome.added().prefixes().forEach(block -> reply.addPrefixes(block.toString()));
        if (outcome instanceof AddressOutcome.Partly(Added _, CloudFailure failure)) {
            reply.setFailure(EniWire.to(failure));
        }
        return reply.build();
    }

    Outcome done(EniOutcome outcome) {
        return switch (outcome) {
            case EniOutcome.Ready _, EniOutcome.Removed _ -> done();
            case EniOutcome.NotDone(CloudFailure failure) -> notDone(failure);
        };
    }

    Outcome done(AddressOutcome outcome) {
        return switch (outcome) {
            case AddressOutcome.Complete _ -> done();
            case AddressOutcome.Partly(Added _, CloudFailure failure) -> notDone(failure);
        };
    }

    Outcome done(RouteOutcome outcome) {
        return switch (outcome) {
            case RouteOutcome.Reached _ -> done();
            case RouteOutcome.NotDone(CloudFailure failure) -> notDone(failure);
        };
    }

    Outcome done(GroupOutcome outcome) {
        return switch (outcome) {
            case GroupOutcome.Reached _ -> done();
            case GroupOutcome.NotDone(CloudFailure failure) -> notDone(failure);
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

    Instance instance(InstanceView view) {
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
