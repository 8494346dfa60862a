package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.ecs.TypeLimits;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Page;
import io.terway.eni.sim.rpc.Params;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Describing instances and instance types. */
final class InstanceActions {

    private static final Page.Bounds BOUNDS = new Page.Bounds(10, 100, 10, 1, 100);
    private static final Page.Bounds TYPE_BOUNDS = new Page.Bounds(100, 100, 100, 1, 100);
    private static final int NAMED = 100;
    private static final int NAMED_TYPES = 10;

    private InstanceActions() {}

    static List<Action> all() {
        return List.of(
                Action.read("DescribeInstances", InstanceActions::describe),
                Action.read("DescribeInstanceAttribute", InstanceActions::attribute),
                Action.read("DescribeInstanceTypes", InstanceActions::types),
                Action.read("DescribeRegions", InstanceActions::regions));
    }

    private static Fields describe(Call call) {
        Params params = call.params();
        Cloud cloud = call.cloud();
        Optional<List<String>> ids = params.text("InstanceIds").map(t -> TextList.parse("InstanceIds", t, NAMED));
        Optional<List<String>> ips =
                params.text("PrivateIpAddresses").map(t -> TextList.parse("PrivateIpAddresses", t, NAMED));
        requireStatus(params);
        Page page = Page.asked(params, BOUNDS, "MaxResults");
        Stream<Instance> candidates = ids.map(list -> list.stream()
                        .sorted()
                        .distinct()
                        .filter(id -> !id.isEmpty() && id.compareTo(page.cursor()) > 0)
                        .flatMap(id -> find(cloud, id).stream()))
                .orElseGet(() -> cloud.instances().after(page.cursor()).stream());
        Page.Slice<Instance> slice = page.cut(
                candidates
                        .filter(i -> matches(cloud, i, params)
                                && ips.map(list -> holdsAny(cloud, i, list)).orElse(true))
                        .iterator(),
                i -> i.id().value());
        if (params.bool("DryRun").orElse(false)) {
            throw ErrorCode.DRY_RUN.refuse("Request validation has been passed with DryRun flag set.");
        }
        return slice.about().list("Instances", "Instance", slice.items(), i -> described(cloud, i));
    }

    private static Optional<Instance> find(Cloud cloud, String id) {
        try {
            return cloud.instances().find(new InstanceId(id));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void requireStatus(Params params) {
        params.text("Status").ifPresent(status -> {
            if (Stream.of(Instance.Status.values()).noneMatch(s -> s.wireName().equals(status))) {
                throw Params.invalid("Status");
            }
        });
    }

    private static boolean matches(Cloud cloud, Instance instance, Params params) {
        Eni primary = cloud.enis().get(instance.primaryEni());
        return is(params, "VpcId", primary.vpc().value())
                && is(params, "VSwitchId", primary.vSwitch().value())
                && is(params, "ZoneId", instance.zone().value())
                && is(params, "InstanceType", instance.type().value())
                && is(params, "InstanceName", instance.name())
                && is(params, "Status", instance.status().wireName())
                && params.text("SecurityGroupId")
                        .map(g -> primary.groups().stream()
                                .anyMatch(p -> p.value().equals(g)))
                        .orElse(true)
                && Tags.match(params, instance.tags());
    }

    private static boolean is(Params params, String name, String actual) {
        return params.text(name).map(actual::equals).orElse(true);
    }

    private static boolean holdsAny(Cloud cloud, Instance instance, List<String> ips) {
        return cloud.enis().on(instance.id()).stream()
                .flatMap(id -> cloud.enis().get(id).ipv4().stream())
                .map(Ip::toString)
                .anyMatch(ips::contains);
    }

    private static Fields described(Cloud cloud, Instance instance) {
        TypeLimits limits = cloud.instances().limitsOf(instance);
        List<Eni> enis = cloud.enis().on(instance.id()).stream()
                .map(cloud.enis()::get)
                .filter(e -> e.attachment().orElseThrow() instanceof Attachment.Direct)
                .toList();
        return basics(cloud, instance)
                .put("InstanceTypeFamily", limits.family())
                .put("Cpu", limits.cpus())
                .put("Memory", (long) (limits.memoryGib() * 1024))
                .list(
                        "NetworkInterfaces",
                        "NetworkInterface",
                        enis,
                        e -> Fields.of()
                                .put("NetworkInterfaceId", e.id().value())
                                .put("MacAddress", e.mac().toString())
                                .put("PrimaryIpAddress", e.primary().toString())
                                .put("Type", e.wireType())
                                .merge(EniFields.addresses(e)))
                .merge(Tags.ecs(instance.tags()))
                .texts("PublicIpAddress", "IpAddress", List.of())
                .texts("InnerIpAddress", "IpAddress", List.of())
                .put(
                        "MetadataOptions",
                        Fields.of()
                                .put("HttpEndpoint", "enabled")
                                .put("HttpTokens", instance.tokensRequired() ? "required" : "optional")
                                .put("HttpPutResponseHopLimit", 1));
    }

    private static Fields basics(Cloud cloud, Instance instance) {
        Eni primary = cloud.enis().get(instance.primaryEni());
        return Fields.of()
                .put("InstanceId", instance.id().value())
                .put("InstanceName", instance.name())
                .put("HostName", instance.name())
                .put("Status", instance.status().wireName())
                .put("InstanceType", instance.type().value())
                .put("RegionId", cloud.region())
                .put("ZoneId", instance.zone().value())
                .put("InstanceNetworkType", "vpc")
                .put("SerialNumber", instance.id().value())
                .put(
                        "CreationTime",
                        instance.created()
                                .truncatedTo(ChronoUnit.MINUTES)
                                .toString()
                                .replace(":00Z", "Z"))
                .texts("SecurityGroupIds", "SecurityGroupId", primary.groups())
                .put(
                        "VpcAttributes",
                        Fields.of()
                                .put("VpcId", primary.vpc().value())
                                .put("VSwitchId", primary.vSwitch().value())
                                .texts("PrivateIpAddress", "IpAddress", List.of(primary.primary())));
    }

    private static Fields attribute(Call call) {
        InstanceId id = call.params().requiredValue("InstanceId", InstanceId::new);
        Instance instance = call.cloud()
                .instances()
                .find(id)
                .orElseThrow(() -> ErrorCode.INSTANCE_ID_NOT_FOUND.refuse("The instance %s does not exist.", id));
        TypeLimits limits = call.cloud().instances().limitsOf(instance);
        return basics(call.cloud(), instance)
                .put("Cpu", limits.cpus())
                .put("Memory", (long) (limits.memoryGib() * 1024))
                .put("EnableJumboFrame", false);
    }

    private static Fields types(Call call) {
        Params params = call.params();
        List<String> named = params.list("InstanceTypes", NAMED_TYPES, t -> t);
        Page page = Page.asked(params, TYPE_BOUNDS, "MaxResults");
        // Unlike other actions this one always pages by token.
        Page byToken = new Page(true, page.cursor(), 1, page.size());
        Page.Slice<TypeLimits> slice = byToken.cut(
                call.cloud().instances().types().after(page.cursor()).stream()
                        .filter(t -> named.isEmpty() || named.contains(t.type().value()))
                        .filter(t -> is(params, "InstanceTypeFamily", t.family()))
                        .iterator(),
                t -> t.type().value());
        return slice.about().list("InstanceTypes", "InstanceType", slice.items(), InstanceActions::limits);
    }

    private static Fields limits(TypeLimits type) {
        return Fields.of()
                .put("InstanceTypeId", type.type().value())
                .put("InstanceTypeFamily", type.family())
                .put("CpuCoreCount", type.cpus())
                .put("MemorySize", type.memoryGib())
                .put("EniQuantity", type.enis())
                .put("EniPrivateIpAddressQuantity", type.ipv4PerEni())
                .put("EniIpv6AddressQuantity", type.ipv6PerEni())
                .put("EniTotalQuantity", type.enisWithMembers())
                .put("EniTrunkSupported", type.trunk())
                .put("EriQuantity", 0)
                .put("NetworkCardQuantity", 1)
                .put("DiskQuantity", 17)
                .put("CpuArchitecture", type.family().equals("ecs.g8y") ? "ARM" : "X86");
    }

    private static Fields regions(Call call) {
        return Fields.of()
                .list(
                        "Regions",
                        "Region",
                        List.of(call.cloud().region()),
                        r -> Fields.of()
                                .put("RegionId", r)
                                .put("LocalName", r)
                                .put("RegionEndpoint", "ecs." + r + ".aliyuncs.com"));
    }
}
