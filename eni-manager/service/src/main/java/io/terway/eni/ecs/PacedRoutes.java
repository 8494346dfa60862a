package io.terway.eni.ecs;

import io.terway.eni.Action;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.CloudRoutes;
import io.terway.eni.RouteTableId;
import io.terway.eni.VpcId;
import io.terway.eni.VpcRoute;
import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.util.List;
import java.util.Optional;

/** Route entries as the rest of the service sees them: each action by its pace. */
public final class PacedRoutes implements CloudRoutes {

    private final CloudRoutes cloud;
    private final PacedCalls calls;

    public PacedRoutes(CloudRoutes cloud, PacedCalls calls) {
        this.cloud = cloud;
        this.calls = calls;
    }

    @Override
    public CloudResult<Optional<RouteTableId>> systemTable(VpcId vpc) {
        return calls.call(Action.DESCRIBE_ROUTE_TABLE_LIST, "", () -> cloud.systemTable(vpc));
    }

    @Override
    public CloudResult<List<VpcRoute>> list(RouteTableId table) {
        return calls.call(Action.DESCRIBE_ROUTE_ENTRY_LIST, "", () -> cloud.list(table));
    }

    @Override
    public CloudResult<List<VpcRoute>> find(RouteTableId table, Cidr destination) {
        return calls.call(Action.DESCRIBE_ROUTE_ENTRY_LIST, "", () -> cloud.find(table, destination));
    }

    @Override
    public CloudResult<Done> create(
            RouteTableId table, Cidr destination, InstanceId nextHop, String description, String clientToken) {
        return calls.call(
                Action.CREATE_ROUTE_ENTRY,
                destination + " to " + nextHop + " in " + table,
                () -> cloud.create(table, destination, nextHop, description, clientToken));
    }

    @Override
    public CloudResult<Done> delete(VpcRoute route) {
        return calls.call(
                Action.DELETE_ROUTE_ENTRY,
                route.id() + " " + route.destination() + " to " + route.nextHop(),
                () -> cloud.delete(route));
    }
}
