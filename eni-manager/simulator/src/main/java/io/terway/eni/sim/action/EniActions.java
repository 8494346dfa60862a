package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.AddressRequest;
import io.terway.eni.sim.cloud.EniSpec;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniLabels;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Params;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Optional;

/** Create, attach, detach, delete and modify. */
final class EniActions {

    private static final int GROUPS = 16;

    private EniActions() {}

    static List<Action> all() {
        return List.of(
                Action.tokenChange("CreateNetworkInterface", EniActions::create),
                Action.change("AttachNetworkInterface", EniActions::attach),
                Action.change("DetachNetworkInterface", EniActions::detach),
                Action.change("DeleteNetworkInterface", EniActions::delete),
                Action.change("ModifyNetworkInterfaceAttribute", EniActions::modify));
    }

    private static Fields create(Call call) {
        Params params = call.params();
        VSwitchId vSwitch = params.requiredValue("VSwitchId", VSwitchId::new);
        EniSpec spec = new EniSpec(
                kind(params),
                vSwitch,
                groups(params),
                params.value("PrimaryIpAddress", Ip::parse).stream().toList(),
                secondaries(params),
                AddressParams.ipv6(params, 10),
                labels(params));
        if (spec.v4().mixesKinds() || spec.v6().mixesKinds()) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("Single addresses and prefixes cannot be mixed in one request.");
        }
        return EniFields.common(call.cloud().lifecycle().create(spec, call.now()));
    }

    private static EniKind kind(Params params) {
        return switch (params.text("InstanceType", "Secondary")) {
            case "Secondary" -> EniKind.SECONDARY;
            case "Trunk" -> EniKind.TRUNK;
            default -> throw Params.invalid("InstanceType");
        };
    }

    private static List<SecurityGroupId> groups(Params params) {
        Optional<SecurityGroupId> one = params.value("SecurityGroupId", SecurityGroupId::new);
        List<SecurityGroupId> several = params.list("SecurityGroupIds", GROUPS, SecurityGroupId::new);
        if (one.isPresent() && !several.isEmpty()) {
            throw ErrorCode.PARAMETER_CONFLICT.refuse("SecurityGroupId and SecurityGroupIds.N exclude each other.");
        }
        return one.map(List::of).orElse(several).stream().distinct().toList();
    }

    private static AddressRequest secondaries(Params params) {
        return AddressParams.ipv4(params, 49, 49, 10);
    }

    private static EniLabels labels(Params params) {
        return new EniLabels(
                name(params).orElse(""),
                params.text("Description", ""),
                Tags.asked(params),
                params.text("ResourceGroupId", ""),
                params.bool("DeleteOnRelease").orElse(true),
                params.integer("QueueNumber", 1, 2048).orElse(0),
                trafficMode(params));
    }

    private static String trafficMode(Params params) {
        String mode = params.text("NetworkInterfaceTrafficMode", "Standard");
        if (!mode.equals("Standard") && !mode.equals("HighPerformance")) {
            throw Params.invalid("NetworkInterfaceTrafficMode");
        }
        return mode;
    }

    private static Optional<String> name(Params params) {
        return params.text("NetworkInterfaceName").map(name -> {
            if (name.length() < 2 || name.length() > 128) {
                throw Params.invalid("NetworkInterfaceName");
            }
            return name;
        });
    }

    private static Fields attach(Call call) {
        Params params = call.params();
        call.cloud()
                .lifecycle()
                .attach(
                        eniId(params),
                        params.requiredValue("InstanceId", InstanceId::new),
                        params.value("TrunkNetworkInstanceId", EniId::new),
                        params.integer("NetworkCardIndex", 0, 7).orElse(0),
                        call.now());
        return Fields.of();
    }

    private static Fields detach(Call call) {
        Params params = call.params();
        call.cloud().lifecycle().detach(eniId(params), params.requiredValue("InstanceId", InstanceId::new), call.now());
        return Fields.of();
    }

    private static Fields delete(Call call) {
        call.cloud().lifecycle().delete(eniId(call.params()), call.now());
        return Fields.of();
    }

    private static Fields modify(Call call) {
        Params params = call.params();
        Eni eni = call.cloud().enis().get(eniId(params));
        List<SecurityGroupId> groups = params.list("SecurityGroupId", GROUPS, SecurityGroupId::new).stream()
                .distinct()
                .toList();
        boolean deleting = eni.state() instanceof EniState.Deleting;
        if (deleting || params.text("QueueNumber").isPresent() && eni.state() instanceof EniState.InUse) {
            throw ErrorCode.ENI_STATE.refuse(
                    "The network interface %s is %s.", eni.id(), eni.state().wireName());
        }
        EniLabels old = eni.labels();
        EniLabels labels = new EniLabels(
                name(params).orElse(old.name()),
                params.text("Description", old.description()),
                old.tags(),
                old.resourceGroup(),
                params.bool("DeleteOnRelease").orElse(old.deleteOnRelease()),
                params.integer("QueueNumber", 1, 2048).orElse(old.queues()),
                old.trafficMode());
        call.cloud().modify(eni, groups.isEmpty() ? eni.groups() : groups, labels);
        return Fields.of();
    }

    private static EniId eniId(Params params) {
        return params.requiredValue("NetworkInterfaceId", EniId::new);
    }
}
