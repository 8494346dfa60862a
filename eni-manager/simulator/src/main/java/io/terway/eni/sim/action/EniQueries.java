package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Page;
import io.terway.eni.sim.rpc.Params;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Describing ENIs. The narrowest filter chooses the index; the others sift what it gives. */
final class EniQueries {

    private static final Page.Bounds BOUNDS = new Page.Bounds(10, 100, 10, 10, 500);
    private static final int LISTED = 100;

    private EniQueries() {}

    static List<Action> all() {
        return List.of(
                Action.read("DescribeNetworkInterfaces", EniQueries::describe),
                Action.read("DescribeNetworkInterfaceAttribute", EniQueries::attribute));
    }

    private static Fields describe(Call call) {
        Params params = call.params();
        Page page = Page.asked(params, BOUNDS, "MaxResults");
        Page.Slice<Eni> slice = page.cut(
                candidates(call.cloud(), params, page.cursor())
                        .filter(sieve(params))
                        .iterator(),
                eni -> eni.id().value());
        return slice.about().list("NetworkInterfaceSets", "NetworkInterfaceSet", slice.items(), EniFields::described);
    }

    private static Stream<Eni> candidates(Cloud cloud, Params params, String cursor) {
        Duration lag = cloud.conditions().visibility();
        List<EniId> named = params.list("NetworkInterfaceId", LISTED, EniId::new);
        List<Ip> v4 = params.ips("PrivateIpAddress", LISTED, false);
        List<Ip> v6 = params.ips("Ipv6Address", LISTED, true);
        Optional<Ip> primary = params.value("PrimaryIpAddress", Ip::parse);
        Optional<InstanceId> instance = params.value("InstanceId", InstanceId::new);
        Optional<SecurityGroupId> group = params.value("SecurityGroupId", SecurityGroupId::new);
        Collection<EniId> ids;
        if (!named.isEmpty()) {
            ids = named;
        } else if (!lag.isZero()) {
            return cloud.seenAfter(cursor, lag).stream();
        } else if (primary.isPresent()) {
            ids = holders(cloud, List.of(primary.get()));
        } else if (!v4.isEmpty()) {
            ids = holders(cloud, v4);
        } else if (!v6.isEmpty()) {
            ids = holders(cloud, v6);
        } else if (instance.isPresent()) {
            ids = cloud.enis().on(instance.get());
        } else if (group.isPresent()) {
            ids = cloud.enis().in(group.get());
        } else {
            return cloud.enis().after(cursor).stream();
        }
        return new TreeSet<>(ids)
                .stream().filter(id -> id.value().compareTo(cursor) > 0).flatMap(id -> cloud.seen(id, lag).stream());
    }

    private static List<EniId> holders(Cloud cloud, List<Ip> ips) {
        return ips.stream().flatMap(ip -> cloud.enis().holder(ip).stream()).toList();
    }

    /** All filters that the call has, read once: a listing without any costs nothing per ENI. */
    private static Predicate<Eni> sieve(Params params) {
        List<Predicate<Eni>> all = new ArrayList<>();
        BiConsumer<String, Function<Eni, String>> is = (name, of) -> params.text(name)
                .ifPresent(wanted -> all.add(eni -> of.apply(eni).equals(wanted)));
        is.accept("InstanceId", eni -> eni.instance().map(InstanceId::value).orElse(""));
        is.accept("Type", Eni::wireType);
        is.accept("Status", eni -> eni.state().wireName());
        is.accept("VSwitchId", eni -> eni.vSwitch().value());
        is.accept("VpcId", eni -> eni.vpc().value());
        is.accept("NetworkInterfaceName", eni -> eni.labels().name());
        is.accept("ResourceGroupId", eni -> eni.labels().resourceGroup());
        is.accept("PrimaryIpAddress", eni -> eni.primary().toString());
        params.text("ServiceManaged").ifPresent(managed -> all.add(_ -> managed.equalsIgnoreCase("false")));
        params.value("SecurityGroupId", SecurityGroupId::new)
                .ifPresent(group -> all.add(eni -> eni.groups().contains(group)));
        List<Ip> v4 = params.ips("PrivateIpAddress", LISTED, false);
        if (!v4.isEmpty()) {
            all.add(eni -> eni.ipv4().stream().anyMatch(v4::contains));
        }
        List<Ip> v6 = params.ips("Ipv6Address", LISTED, true);
        if (!v6.isEmpty()) {
            all.add(eni -> eni.ipv6().stream().anyMatch(v6::contains));
        }
        Predicate<Map<String, String>> tags = Tags.filter(params);
        all.add(eni -> tags.test(eni.labels().tags()));
        return eni -> all.stream().allMatch(one -> one.test(eni));
    }

    private static Fields attribute(Call call) {
        EniId id = call.params().requiredValue("NetworkInterfaceId", EniId::new);
        Duration lag = call.cloud().conditions().visibility();
        Eni eni = call.cloud()
                .seen(id, lag)
                .orElseThrow(() -> ErrorCode.ENI_NOT_FOUND.refuse("The network interface %s does not exist.", id));
        return EniFields.attribute(call.cloud(), eni);
    }
}
