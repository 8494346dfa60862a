package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Page;
import io.terway.eni.sim.rpc.Params;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import io.terway.net.VSwitchId;
import java.util.List;

/** Describing VPCs and vSwitches; ECS has older versions of the same, which read alike. */
final class VpcQueries {

    static final Page.Bounds BOUNDS = new Page.Bounds(10, 50, 10, 1, 50);
    private static final String CREATED = "2026-01-01T00:00:00Z";

    private VpcQueries() {}

    static List<Action> all() {
        return List.of(
                Action.read("DescribeVSwitches", VpcQueries::vSwitches),
                Action.read("DescribeVSwitchAttributes", VpcQueries::vSwitch),
                Action.read("DescribeVpcs", VpcQueries::vpcs));
    }

    private static Fields vSwitches(Call call) {
        Params params = call.params();
        Cloud cloud = call.cloud();
        Page page = Page.asked(params, BOUNDS, "MaxResults");
        Page.Slice<VSwitch> slice = page.cut(
                cloud.network().vSwitches().stream()
                        .filter(v -> v.id().value().compareTo(page.cursor()) > 0)
                        .filter(v -> is(params, "VSwitchId", v.id().value())
                                && is(params, "VpcId", v.vpc().value())
                                && is(params, "ZoneId", v.zone().value())
                                && is(params, "VSwitchName", v.name())
                                && is(params, "RouteTableId", routeTable(cloud, v)))
                        .iterator(),
                v -> v.id().value());
        refuseDryRun(params);
        return slice.about().list("VSwitches", "VSwitch", slice.items(), v -> described(cloud, v));
    }

    private static Fields vSwitch(Call call) {
        VSwitchId id = call.params().requiredValue("VSwitchId", VSwitchId::new);
        return described(call.cloud(), call.cloud().network().vSwitch(id));
    }

    private static Fields described(Cloud cloud, VSwitch v) {
        return Fields.of()
                .put("VSwitchId", v.id().value())
                .put("VSwitchName", v.name())
                .put("VpcId", v.vpc().value())
                .put("ZoneId", v.zone().value())
                .put("CidrBlock", v.cidr().toString())
                .put(
                        "Ipv6CidrBlock",
                        v.ipv6Cidrs().isEmpty() ? "" : v.ipv6Cidrs().getFirst().toString())
                .put("AvailableIpAddressCount", cloud.network().freeAddresses(v.id()))
                .put("Status", "Available")
                .put("IsDefault", false)
                .put("CreationTime", CREATED)
                .put("Description", "")
                .put(
                        "RouteTable",
                        Fields.of().put("RouteTableId", routeTable(cloud, v)).put("RouteTableType", "System"))
                .put("ResourceGroupId", "")
                .list("Tags", "Tag", List.<String>of(), t -> Fields.of());
    }

    private static Fields vpcs(Call call) {
        Params params = call.params();
        Cloud cloud = call.cloud();
        Page page = Page.asked(params, BOUNDS, "MaxResults");
        List<String> ids = params.text("VpcId").map(t -> List.of(t.split(","))).orElse(List.of());
        Page.Slice<Vpc> slice = page.cut(
                cloud.network().vpcs().stream()
                        .filter(v -> v.id().value().compareTo(page.cursor()) > 0)
                        .filter(v -> (ids.isEmpty() || ids.contains(v.id().value())) && is(params, "VpcName", v.name()))
                        .iterator(),
                v -> v.id().value());
        refuseDryRun(params);
        return slice.about().list("Vpcs", "Vpc", slice.items(), v -> described(cloud, v));
    }

    private static Fields described(Cloud cloud, Vpc v) {
        List<VSwitchId> own = cloud.network().vSwitches().stream()
                .filter(s -> s.vpc().equals(v.id()))
                .map(VSwitch::id)
                .toList();
        return Fields.of()
                .put("VpcId", v.id().value())
                .put("VpcName", v.name())
                .put("CidrBlock", v.cidr().toString())
                .texts("SecondaryCidrBlocks", "SecondaryCidrBlock", List.of())
                .put(
                        "Ipv6CidrBlock",
                        v.ipv6Cidrs().isEmpty() ? "" : v.ipv6Cidrs().getFirst().toString())
                .list(
                        "Ipv6CidrBlocks",
                        "Ipv6CidrBlock",
                        v.ipv6Cidrs(),
                        c -> Fields.of().put("Ipv6CidrBlock", c.toString()).put("Ipv6Isp", "BGP"))
                .texts("UserCidrs", "UserCidr", List.of())
                .put("VRouterId", router(v))
                .texts("RouterTableIds", "RouterTableIds", List.of(v.routeTable()))
                .texts("VSwitchIds", "VSwitchId", own)
                .put("Status", "Available")
                .put("RegionId", cloud.region())
                .put("IsDefault", false)
                .put("CreationTime", CREATED)
                .list("Tags", "Tag", List.<String>of(), t -> Fields.of());
    }

    static String router(Vpc vpc) {
        return vpc.routeTable().value().replace("vtb-", "vrt-");
    }

    private static String routeTable(Cloud cloud, VSwitch v) {
        return cloud.network().vpc(v.vpc()).orElseThrow().routeTable().value();
    }

    private static void refuseDryRun(Params params) {
        if (params.bool("DryRun").orElse(false)) {
            throw ErrorCode.DRY_RUN.refuse("Request validation has been passed with DryRun flag set.");
        }
    }

    static boolean is(Params params, String name, String actual) {
        return params.text(name).map(actual::equals).orElse(true);
    }
}
