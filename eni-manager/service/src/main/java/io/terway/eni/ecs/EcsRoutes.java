package io.terway.eni.ecs;

import com.aliyuncs.vpc.model.v20160428.CreateRouteEntryRequest;
import com.aliyuncs.vpc.model.v20160428.DeleteRouteEntryRequest;
import com.aliyuncs.vpc.model.v20160428.DescribeRouteEntryListRequest;
import com.aliyuncs.vpc.model.v20160428.DescribeRouteEntryListResponse;
import com.aliyuncs.vpc.model.v20160428.DescribeRouteTableListRequest;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.CloudRoutes;
import io.terway.eni.RouteTableId;
import io.terway.eni.VpcId;
import io.terway.eni.VpcRoute;
import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Route entries of the real cloud. Any thread. */
public final class EcsRoutes implements CloudRoutes {

    private static final Optional<Duration> MUTATING = Optional.of(EcsClient.MUTATION);
    private static final Optional<Duration> READING = Optional.empty();
    private static final int PAGE = 100;

    /** Pages of a table that are read: more entries than any quota. */
    private static final int MAX_PAGES = 20;

    private final EcsClient client;

    public EcsRoutes(EcsClient client) {
        this.client = client;
    }

    @Override
    public CloudResult<Optional<RouteTableId>> systemTable(VpcId vpc) {
        DescribeRouteTableListRequest request = new DescribeRouteTableListRequest();
        request.setVpcId(vpc.value());
        request.setPageSize(50);
        return client.send(
                request,
                READING,
                page -> page.getRouterTableList().stream()
                        .filter(table -> "System".equalsIgnoreCase(table.getRouteTableType()))
                        .map(table -> new RouteTableId(table.getRouteTableId()))
                        .findFirst());
    }

    @Override
    public CloudResult<List<VpcRoute>> list(RouteTableId table) {
        return pages(table, Optional.empty());
    }

    @Override
    public CloudResult<List<VpcRoute>> find(RouteTableId table, Cidr destination) {
        return pages(table, Optional.of(destination));
    }

    private CloudResult<List<VpcRoute>> pages(RouteTableId table, Optional<Cidr> destination) {
        List<VpcRoute> all = new ArrayList<>();
        String next = "";
        for (int page = 0; page < MAX_PAGES; page++) {
            DescribeRouteEntryListRequest request = new DescribeRouteEntryListRequest();
            request.setRouteTableId(table.value());
            request.setRouteEntryType("Custom");
            request.setMaxResult(PAGE);
            destination.ifPresent(block -> request.setDestinationCidrBlock(block.toString()));
            if (!next.isEmpty()) {
                request.setNextToken(next);
            }
            switch (client.send(request, READING, answer -> answer)) {
                case CloudResult.Failed<DescribeRouteEntryListResponse>(CloudFailure failure) -> {
                    return CloudResult.failed(failure);
                }
                case CloudResult.Ok<DescribeRouteEntryListResponse>(DescribeRouteEntryListResponse answer) -> {
                    answer.getRouteEntrys().forEach(entry -> all.add(from(entry)));
                    next = answer.getNextToken() == null ? "" : answer.getNextToken();
                }
            }
            if (next.isEmpty()) {
                break;
            }
        }
        return CloudResult.ok(List.copyOf(all));
    }

    @Override
    public CloudResult<Done> create(
            RouteTableId table, Cidr destination, InstanceId nextHop, String description, String clientToken) {
        CreateRouteEntryRequest request = new CreateRouteEntryRequest();
        request.setRouteTableId(table.value());
        request.setDestinationCidrBlock(destination.toString());
        request.setNextHopType("Instance");
        request.setNextHopId(nextHop.value());
        request.setDescription(description);
        request.setClientToken(clientToken);
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<Done> delete(VpcRoute route) {
        DeleteRouteEntryRequest request = new DeleteRouteEntryRequest();
        request.setRouteEntryId(route.id());
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    private static VpcRoute from(DescribeRouteEntryListResponse.RouteEntry entry) {
        String hop = entry.getNextHops() == null || entry.getNextHops().isEmpty()
                ? ""
                : text(entry.getNextHops().getFirst().getNextHopId());
        return new VpcRoute(
                text(entry.getRouteEntryId()),
                Cidr.parseMasking(entry.getDestinationCidrBlock()),
                hop,
                text(entry.getStatus()),
                text(entry.getDescription()));
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }
}
