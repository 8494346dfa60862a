package io.terway.ipam.cloud;

import io.terway.ipam.CloudEni;
import io.terway.ipam.CloudInstance;
import io.terway.ipam.FailureClass;
import io.terway.ipam.InstanceLimits;
import io.terway.ipam.OperationResult;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.VSwitchSupply;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.AttachEniRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.DeleteEniRequest;
import io.terway.wire.eni.v1.DeleteRouteRequest;
import io.terway.wire.eni.v1.DetachEniRequest;
import io.terway.wire.eni.v1.EniOutcome;
import io.terway.wire.eni.v1.EniState;
import io.terway.wire.eni.v1.Failure;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.ListRoutesResponse;
import io.terway.wire.eni.v1.ListVSwitchesResponse;
import io.terway.wire.eni.v1.ModifyEniRequest;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.PutRouteRequest;
import io.terway.wire.eni.v1.UnassignRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** eni-manager's messages and the core's words for them. An unreadable value is an IllegalArgumentException naming it. */
final class CloudWire {

    private CloudWire() {}

    static CloudInstance instance(Instance instance) {
        return new CloudInstance(
                new InstanceId(instance.getInstanceId()),
                new InstanceType(instance.getInstanceType().isEmpty() ? "unknown" : instance.getInstanceType()),
                new ZoneId(instance.getZone().isEmpty() ? "unknown" : instance.getZone()),
                instance.getStatus().equals("Released"),
                new InstanceLimits(
                        instance.getLimits().getEnis(),
                        instance.getLimits().getIpv4PerEni(),
                        instance.getLimits().getIpv6PerEni(),
                        Math.max(
                                instance.getLimits().getEnis(),
                                instance.getLimits().getEnisTotal()),
                        instance.getLimits().getTrunkSupported()),
                instance.getEnisList().stream().map(CloudWire::eni).toList(),
                Optional.of(instance.getPrimaryVSwitchId())
                        .filter(id -> !id.isEmpty())
                        .map(VSwitchId::new),
                instance.getSecurityGroupIdsList().stream()
                        .map(SecurityGroupId::new)
                        .toList());
    }

    static CloudEni eni(EniState state) {
        var eni = state.getEni();
        CloudEni.Use use = eni.getPrimary() ? CloudEni.Use.PRIMARY : use(state.getType());
        List<Ip> addresses =
                new ArrayList<>(state.getAddressesList().stream().map(Ip::parse).toList());
        Optional<Ip> ownIpv6 = text(eni.getPrimaryIpv6Address()).map(Ip::parse);
        if (ownIpv6.isEmpty()) {
            // The cloud knows no first IPv6 address; where there is a single one it is the ENI's own.
            List<Ip> ipv6 =
                    addresses.stream().filter(ip -> ip.family() == Family.IPV6).toList();
            ownIpv6 = ipv6.size() == 1 ? Optional.of(ipv6.getFirst()) : Optional.empty();
        }
        ownIpv6.ifPresent(addresses::remove);
        return new CloudEni(
                new EniId(eni.getId()),
                Mac.parse(eni.getMac()),
                new VSwitchId(eni.getVSwitchId()),
                eni.getSubnetsList().stream().map(Cidr::parse).toList(),
                text(eni.getPrimaryAddress()).map(Ip::parse),
                ownIpv6,
                addresses,
                state.getPrefixesList().stream().map(Cidr::parse).toList(),
                phase(state.getState()),
                use,
                state.getOurs(),
                state.getSecurityGroupIdsList().stream()
                        .map(SecurityGroupId::new)
                        .toList(),
                state.getVlanId(),
                text(state.getTrunkEniId()).map(EniId::new));
    }

    private static Optional<String> text(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static CloudEni.Phase phase(String state) {
        return switch (state) {
            case "Creating", "Attaching" -> CloudEni.Phase.COMING;
            case "InUse" -> CloudEni.Phase.IN_USE;
            case "Available", "Detaching", "Deleting", "Failed" -> CloudEni.Phase.LEAVING;
            default -> throw new IllegalArgumentException("ENI state '" + state + "' is not known");
        };
    }

    private static CloudEni.Use use(String type) {
        return switch (type) {
            case "Primary" -> CloudEni.Use.PRIMARY;
            case "Secondary" -> CloudEni.Use.SECONDARY;
            case "Trunk" -> CloudEni.Use.TRUNK;
            case "Member" -> CloudEni.Use.MEMBER;
            default -> CloudEni.Use.OTHER;
        };
    }

    static List<VSwitchSupply> vSwitches(ListVSwitchesResponse response) {
        return response.getVSwitchesList().stream()
                .map(vSwitch -> new VSwitchSupply(
                        new VSwitchId(vSwitch.getId()),
                        new ZoneId(vSwitch.getZone()),
                        Cidr.parse(vSwitch.getCidr()),
                        vSwitch.getAvailable(),
                        Optional.of(vSwitch.getIpv6Cidr())
                                .filter(text -> !text.isEmpty())
                                .map(Cidr::parse)))
                .toList();
    }

    /** Entries of ours that point to an instance. */
    static Map<Cidr, InstanceId> routes(ListRoutesResponse response) {
        Map<Cidr, InstanceId> routes = new HashMap<>();
        response.getRoutesList().stream()
                .filter(route -> route.getOurs() && route.getNextHop().startsWith("i-"))
                .forEach(route -> routes.put(Cidr.parse(route.getCidr()), new InstanceId(route.getNextHop())));
        return routes;
    }

    static CreateEniRequest request(PoolCommand.CreateEni create, String id, long term) {
        CreateEniRequest.Builder out = CreateEniRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(create.instance().value())
                .setType(
                        switch (create.purpose()) {
                            case SHARED, EXCLUSIVE -> "Secondary";
                            case TRUNK -> "Trunk";
                            case MEMBER -> "Member";
                        })
                .setIpv4Count(create.counts().ipv4())
                .setIpv6Count(create.counts().ipv6())
                .setIpv4PrefixCount(create.counts().ipv4Prefixes())
                .setIpv6PrefixCount(create.counts().ipv6Prefixes())
                .setTrunkEniId(create.trunk().map(EniId::value).orElse(""))
                .putAllTags(create.tags())
                .setResourceGroupId(create.resourceGroup());
        create.vSwitches().forEach(vSwitch -> out.addVSwitchIds(vSwitch.value()));
        create.groups().forEach(group -> out.addSecurityGroupIds(group.value()));
        return out.build();
    }

    static AssignRequest request(PoolCommand.AssignAddresses assign, String id, long term) {
        AssignRequest.Builder out = AssignRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(assign.instance().value())
                .setEniId(assign.eni().value())
                .setIpv4Count(assign.counts().ipv4())
                .setIpv6Count(assign.counts().ipv6())
                .setIpv4PrefixCount(assign.counts().ipv4Prefixes())
                .setIpv6PrefixCount(assign.counts().ipv6Prefixes());
        assign.addresses().forEach(ip -> out.addAddresses(ip.toString()));
        return out.build();
    }

    static UnassignRequest request(PoolCommand.UnassignAddresses unassign, String id, long term) {
        UnassignRequest.Builder out = UnassignRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(unassign.instance().value())
                .setEniId(unassign.eni().value());
        unassign.addresses().forEach(ip -> out.addAddresses(ip.toString()));
        unassign.prefixes().forEach(prefix -> out.addPrefixes(prefix.toString()));
        return out.build();
    }

    static ModifyEniRequest request(PoolCommand.ModifyEni modify, String id, long term) {
        ModifyEniRequest.Builder out = ModifyEniRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setEniId(modify.eni().value());
        modify.groups().forEach(group -> out.addSecurityGroupIds(group.value()));
        return out.build();
    }

    static PutRouteRequest request(PoolCommand.PutRoute put, String id, long term) {
        return PutRouteRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(put.instance().value())
                .setCidr(put.cidr().toString())
                .build();
    }

    static DeleteRouteRequest request(PoolCommand.DeleteRoute delete, String id, long term) {
        return DeleteRouteRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(delete.instance().value())
                .setCidr(delete.cidr().toString())
                .build();
    }

    static DeleteEniRequest request(PoolCommand.DeleteEni delete, String id, long term) {
        return DeleteEniRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(delete.instance().value())
                .setEniId(delete.eni().value())
                .build();
    }

    static DetachEniRequest request(PoolCommand.DetachEni detach, String id, long term) {
        return DetachEniRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(detach.instance().value())
                .setEniId(detach.eni().value())
                .build();
    }

    static AttachEniRequest request(PoolCommand.AttachEni attach, String id, long term) {
        return AttachEniRequest.newBuilder()
                .setOperationId(id)
                .setTerm(term)
                .setInstanceId(attach.instance().value())
                .setEniId(attach.eni().value())
                .setTrunkEniId(attach.trunk().map(EniId::value).orElse(""))
                .build();
    }

    static OperationResult result(EniOutcome outcome) {
        return outcome.hasEni() ? new OperationResult.EniCreated(eni(outcome.getEni())) : failed(outcome.getFailure());
    }

    /** Addresses and a failure together mean a part was done; the next plan orders the rest and meets the failure again. */
    static OperationResult result(AddressesOutcome outcome) {
        return outcome.getAddressesCount() + outcome.getPrefixesCount() > 0 || !outcome.hasFailure()
                ? new OperationResult.Assigned(
                        outcome.getAddressesList().stream().map(Ip::parse).toList(),
                        outcome.getPrefixesList().stream().map(Cidr::parse).toList())
                : failed(outcome.getFailure());
    }

    /** Of a call that changes something and takes nothing away. */
    static OperationResult changed(Outcome outcome) {
        return outcome.hasFailure() ? failed(outcome.getFailure()) : new OperationResult.Changed();
    }

    static OperationResult result(Outcome outcome) {
        return outcome.hasFailure() ? failed(outcome.getFailure()) : new OperationResult.Removed();
    }

    private static OperationResult failed(Failure failure) {
        String code = failure.getCode().isEmpty() ? "" : failure.getCode() + ": ";
        return new OperationResult.Failed(
                why(failure.getClass_()), code + failure.getMessage(), Duration.ofMillis(failure.getRetryAfterMs()));
    }

    private static FailureClass why(Failure.Class failure) {
        return switch (failure) {
            case THROTTLED -> FailureClass.THROTTLED;
            case QUOTA -> FailureClass.QUOTA;
            case V_SWITCH_EXHAUSTED -> FailureClass.V_SWITCH_EXHAUSTED;
            case CONFLICT -> FailureClass.CONFLICT;
            case NOT_FOUND -> FailureClass.NOT_FOUND;
            case FORBIDDEN -> FailureClass.FORBIDDEN;
            case TRANSIENT -> FailureClass.TRANSIENT;
            case INVALID -> FailureClass.INVALID;
            case CLASS_UNSPECIFIED, UNKNOWN, UNRECOGNIZED -> FailureClass.UNKNOWN;
        };
    }
}
