package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Page;
import io.terway.eni.sim.rpc.Params;
import io.terway.eni.sim.vpc.RouteEntry;
import io.terway.eni.sim.vpc.RouteEntryId;
import io.terway.eni.sim.vpc.RouteTableId;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import io.terway.net.Cidr;
import java.util.List;
import java.util.stream.Stream;

/** Route entries of VPC route tables. */
final class RouteActions {

    private static final Page.Bounds ENTRY_BOUNDS = new Page.Bounds(10, 100, 10, 1, 100);
    private static final int HOPS = 16;

    private RouteActions() {}

    static List<Action> all() {
        return List.of(
                Action.tokenChange("CreateRouteEntry", RouteActions::create),
                Action.change("DeleteRouteEntry", RouteActions::delete),
                Action.read("DescribeRouteTables", RouteActions::tables),
                Action.read("DescribeRouteTableList", RouteActions::tableList),
                Action.read("DescribeRouteEntryList", RouteActions::entries));
    }

    private static Fields create(Call call) {
        Params params = call.params();
        RouteTableId table = params.requiredValue("RouteTableId", RouteTableId::new);
        Cidr destination = destination(params);
        List<RouteEntry.NextHop> hops = hops(params);
        if (hops.isEmpty()) {
            throw Params.missing("NextHopId");
        }
        RouteEntry made = call.cloud()
                .routes()
                .create(
                        new RouteEntryId(call.cloud().ids().next("rte-bp1")),
                        table,
                        destination,
                        params.text("RouteEntryName", ""),
                        params.text("Description", ""),
                        hops,
                        call.now());
        return Fields.of().put("RouteEntryId", made.id().value());
    }

    private static Cidr destination(Params params) {
        try {
            return Cidr.parse(params.required("DestinationCidrBlock"));
        } catch (IllegalArgumentException e) {
            throw ErrorCode.ROUTE_CIDR.refuse("Specified CIDR block is not valid.");
        }
    }

    private static List<RouteEntry.NextHop> hops(Params params) {
        List<RouteEntry.NextHop> listed = params.structs("NextHopList", HOPS).stream()
                .map(hop -> new RouteEntry.NextHop(
                        hop.text("NextHopType", "Instance"),
                        hop.required("NextHopId"),
                        hop.integer("Weight", 0, 255).orElse(0)))
                .toList();
        List<RouteEntry.NextHop> single = params.text("NextHopId").stream()
                .map(id -> new RouteEntry.NextHop(params.text("NextHopType", "Instance"), id, 0))
                .toList();
        if (!listed.isEmpty() && !single.isEmpty()) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("NextHopId and NextHopList.N exclude each other.");
        }
        return listed.isEmpty() ? single : listed;
    }

    private static Fields delete(Call call) {
        Params params = call.params();
        RouteEntryId id = params.value("RouteEntryId", RouteEntryId::new).orElseGet(() -> lookUp(call));
        call.cloud().routes().delete(id, call.now());
        return Fields.of();
    }

    private static RouteEntryId lookUp(Call call) {
        Params params = call.params();
        RouteTableId table = params.requiredValue("RouteTableId", RouteTableId::new);
        Cidr destination = destination(params);
        List<String> hops = hops(params).stream().map(RouteEntry.NextHop::id).toList();
        call.cloud().routes().vpcOf(table);
        return call.cloud().routes().of(table).stream()
                .filter(r -> r.destination().equals(destination))
                .filter(r -> hops.isEmpty()
                        || r.nextHops().stream()
                                .map(RouteEntry.NextHop::id)
                                .toList()
                                .equals(hops))
                .findFirst()
                .orElseThrow(() ->
                        ErrorCode.ROUTE_NOT_FOUND.refuse("No route entry for %s exists in %s.", destination, table))
                .id();
    }

    private static Stream<Vpc> tablesAsked(Call call, String routerName) {
        Params params = call.params();
        return call.cloud().network().vpcs().stream()
                .filter(v ->
                        VpcQueries.is(params, "RouteTableId", v.routeTable().value())
                                && VpcQueries.is(params, "VpcId", v.id().value())
                                && VpcQueries.is(params, routerName, VpcQueries.router(v)));
    }

    private static Fields tables(Call call) {
        Page page = Page.asked(call.params(), VpcQueries.BOUNDS, "MaxResults");
        Page.Slice<Vpc> slice = page.cut(tablesAsked(call, "VRouterId").iterator(), v -> v.id().value());
        return slice.about()
                .list(
                        "RouteTables",
                        "RouteTable",
                        slice.items(),
                        v -> table(call.cloud(), v)
                                .put("VRouterId", VpcQueries.router(v))
                                .list(
                                        "RouteEntrys",
                                        "RouteEntry",
                                        call.cloud().routes().of(v.routeTable()),
                                        RouteActions::described));
    }

    private static Fields tableList(Call call) {
        Page page = Page.asked(call.params(), VpcQueries.BOUNDS, "MaxResults");
        Page.Slice<Vpc> slice = page.cut(tablesAsked(call, "RouterId").iterator(), v -> v.id().value());
        return slice.about()
                .list(
                        "RouterTableList",
                        "RouterTableListType",
                        slice.items(),
                        v -> table(call.cloud(), v)
                                .put("RouterId", VpcQueries.router(v))
                                .put("RouterType", "VRouter")
                                .put("VpcId", v.id().value()));
    }

    private static Fields table(Cloud cloud, Vpc v) {
        return Fields.of()
                .put("RouteTableId", v.routeTable().value())
                .put("RouteTableType", "System")
                .put("Status", "Available")
                .texts(
                        "VSwitchIds",
                        "VSwitchId",
                        cloud.network().vSwitches().stream()
                                .filter(s -> s.vpc().equals(v.id()))
                                .map(VSwitch::id)
                                .toList());
    }

    private static Fields entries(Call call) {
        Params params = call.params();
        RouteTableId table = params.requiredValue("RouteTableId", RouteTableId::new);
        call.cloud().routes().vpcOf(table);
        Page asked = Page.asked(params, ENTRY_BOUNDS, "MaxResult");
        Page page = new Page(true, asked.cursor(), 1, asked.size());
        List<Cidr> blocks = params.list("DestCidrBlockList", 50, Cidr::parse);
        Page.Slice<RouteEntry> slice = page.cut(
                call.cloud().routes().of(table).stream()
                        .filter(r -> r.id().value().compareTo(page.cursor()) > 0)
                        .filter(r -> VpcQueries.is(params, "RouteEntryType", type(r))
                                && VpcQueries.is(params, "RouteEntryId", r.id().value())
                                && VpcQueries.is(
                                        params,
                                        "DestinationCidrBlock",
                                        r.destination().toString())
                                && VpcQueries.is(params, "IpVersion", version(r))
                                && (blocks.isEmpty() || blocks.contains(r.destination()))
                                && hopMatches(r, params))
                        .iterator(),
                r -> r.id().value());
        return slice.about().list("RouteEntrys", "RouteEntry", slice.items(), RouteActions::described);
    }

    private static boolean hopMatches(RouteEntry route, Params params) {
        boolean any =
                params.text("NextHopId").isEmpty() && params.text("NextHopType").isEmpty();
        return any
                || route.nextHops().stream()
                        .anyMatch(h -> VpcQueries.is(params, "NextHopId", h.id())
                                && VpcQueries.is(params, "NextHopType", h.type()));
    }

    private static Fields described(RouteEntry route) {
        Fields out = Fields.of()
                .put("RouteEntryId", route.id().value())
                .put("RouteEntryName", route.name())
                .put("Description", route.description())
                .put("RouteTableId", route.table().value())
                .put("DestinationCidrBlock", route.destination().toString())
                .put("Type", type(route))
                .put("Status", route.status().wireName())
                .put("IpVersion", version(route))
                .list(
                        "NextHops",
                        "NextHop",
                        route.nextHops(),
                        hop -> Fields.of()
                                .put("NextHopId", hop.id())
                                .put("NextHopType", hop.type())
                                .put("Enabled", 1)
                                .put("Weight", hop.weight()));
        if (!route.nextHops().isEmpty()) {
            out.put("InstanceId", route.nextHops().getFirst().id())
                    .put("NextHopType", route.nextHops().getFirst().type());
        }
        return out;
    }

    private static String type(RouteEntry route) {
        return route.system() ? "System" : "Custom";
    }

    private static String version(RouteEntry route) {
        return route.destination().family().bits() == 32 ? "ipv4" : "ipv6";
    }
}
