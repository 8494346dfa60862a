package io.terway.eni.operation;

import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.CloudRoutes;
import io.terway.eni.ClusterTags;
import io.terway.eni.OperationId;
import io.terway.eni.RouteStep;
import io.terway.eni.RouteTableId;
import io.terway.eni.VpcId;
import io.terway.eni.VpcRoute;
import io.terway.eni.time.Time;
import io.terway.eni.time.Turns;
import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Route entries to pod CIDRs: look, take the one step that {@link RouteStep} names, look again. The cloud takes one change
 * of a table at a time, and so do we.
 */
public final class RouteOperations {

    /** Looks of one operation: longer than the slowest change of an entry, several changes in a row. */
    private static final int MAX_LOOKS = 60;

    private static final Duration BETWEEN = Duration.ofSeconds(1);

    private final CloudRoutes cloud;
    private final ClusterTags tags;
    private final Turns<String> turns;
    private final Time time;

    // guarded by this
    private final Map<VpcId, RouteTableId> tables = new HashMap<>();

    RouteOperations(CloudRoutes cloud, ClusterTags tags, Time time) {
        this.cloud = cloud;
        this.tags = tags;
        this.time = time;
        turns = new Turns<>(time);
    }

    /** How an operation on a route entry ended. */
    public sealed interface RouteOutcome {

        record Reached() implements RouteOutcome {}

        record NotDone(CloudFailure failure) implements RouteOutcome {}
    }

    /** Makes the entry, or points ours to another instance. Blocks until the cloud shows it Available. */
    public RouteOutcome put(OperationId operation, VpcId vpc, Cidr destination, InstanceId to) {
        return towards(operation, vpc, destination, to, seen -> RouteStep.put(seen, destination, to, tags));
    }

    /** Takes our entry away while it leads to this instance. Blocks until the cloud no longer shows it. */
    public RouteOutcome remove(OperationId operation, VpcId vpc, Cidr destination, InstanceId to) {
        return towards(operation, vpc, destination, to, seen -> RouteStep.remove(seen, destination, to, tags));
    }

    /** All custom entries of the VPC's system table. */
    public CloudResult<List<VpcRoute>> list(VpcId vpc) {
        return switch (table(vpc)) {
            case CloudResult.Failed<RouteTableId>(CloudFailure failure) -> CloudResult.failed(failure);
            case CloudResult.Ok<RouteTableId>(RouteTableId table) -> cloud.list(table);
        };
    }

    private RouteOutcome towards(
            OperationId operation,
            VpcId vpc,
            Cidr destination,
            InstanceId to,
            Function<List<VpcRoute>, RouteStep> plan) {
        return turns.with("routes", () -> switch (table(vpc)) {
            case CloudResult.Failed<RouteTableId>(CloudFailure failure) -> new RouteOutcome.NotDone(failure);
            case CloudResult.Ok<RouteTableId>(RouteTableId table) -> steps(operation, table, destination, to, plan);
        });
    }

    private RouteOutcome steps(
            OperationId operation,
            RouteTableId table,
            Cidr destination,
            InstanceId to,
            Function<List<VpcRoute>, RouteStep> plan) {
        CloudFailure last = new CloudFailure.Transient(
                "RouteTimeout", "the route entry for " + destination + " is still changing; repeat the operation");
        for (int look = 0; look < MAX_LOOKS; look++) {
            switch (cloud.find(table, destination)) {
                case CloudResult.Failed<List<VpcRoute>>(CloudFailure failure) -> {
                    return new RouteOutcome.NotDone(failure);
                }
                case CloudResult.Ok<List<VpcRoute>>(List<VpcRoute> seen) -> {
                    CloudResult<Done> result = CloudResult.ok(Done.DONE);
                    switch (plan.apply(seen)) {
                        case RouteStep.Reached _ -> {
                            return new RouteOutcome.Reached();
                        }
                        case RouteStep.Refused(CloudFailure cause) -> {
                            return new RouteOutcome.NotDone(cause);
                        }
                        case RouteStep.Create _ ->
                            result = cloud.create(
                                    table,
                                    destination,
                                    to,
                                    tags.mark(),
                                    operation.clientToken("route " + table + " " + destination + " " + look));
                        case RouteStep.Delete(VpcRoute route) -> result = cloud.delete(route);
                        case RouteStep.Wait _ -> {}
                    }
                    if (LeadershipLost.unlessLost(result) instanceof CloudResult.Failed<Done>(CloudFailure failure)) {
                        if (!worthALook(failure)) {
                            return new RouteOutcome.NotDone(failure);
                        }
                        last = failure;
                    }
                }
            }
            time.sleep(BETWEEN);
        }
        return new RouteOutcome.NotDone(last);
    }

    /** After these the entry may be there, or there soon: a look tells. */
    private static boolean worthALook(CloudFailure failure) {
        return switch (failure) {
            case CloudFailure.OutcomeUnknown _,
                    CloudFailure.Transient _,
                    CloudFailure.Busy _,
                    CloudFailure.TokenBurnt _,
                    CloudFailure.WrongState _,
                    CloudFailure.AlreadyThere _,
                    CloudFailure.AlreadyGone _ -> true;
            case CloudFailure.NotFound notFound -> notFound.code().startsWith("InvalidRouteEntry");
            case CloudFailure.Throttled _,
                    CloudFailure.VSwitchExhausted _,
                    CloudFailure.QuotaReached _,
                    CloudFailure.NotOurs _,
                    CloudFailure.Forbidden _,
                    CloudFailure.Invalid _,
                    CloudFailure.DryRunPassed _,
                    CloudFailure.Unrecognised _ -> false;
        };
    }

    /** A VPC's system table is its own for life. */
    private CloudResult<RouteTableId> table(VpcId vpc) {
        synchronized (this) {
            RouteTableId known = tables.get(vpc);
            if (known != null) {
                return CloudResult.ok(known);
            }
        }
        return switch (cloud.systemTable(vpc)) {
            case CloudResult.Failed<Optional<RouteTableId>>(CloudFailure failure) -> CloudResult.failed(failure);
            case CloudResult.Ok<Optional<RouteTableId>>(Optional<RouteTableId> found) ->
                found.isPresent()
                        ? CloudResult.ok(remembered(vpc, found.get()))
                        : CloudResult.failed(
                                new CloudFailure.NotFound(
                                        "InvalidRouteTableId.NotFound",
                                        vpc
                                                + " has no system route table; check the RAM permission vpc:DescribeRouteTableList"));
        };
    }

    private synchronized RouteTableId remembered(VpcId vpc, RouteTableId table) {
        tables.put(vpc, table);
        return table;
    }
}
