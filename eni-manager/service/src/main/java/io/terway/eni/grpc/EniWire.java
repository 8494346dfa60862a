package io.terway.eni.grpc;

import io.terway.eni.Attachment;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudFailure.AlreadyGone;
import io.terway.eni.CloudFailure.AlreadyThere;
import io.terway.eni.CloudFailure.Busy;
import io.terway.eni.CloudFailure.DryRunPassed;
import io.terway.eni.CloudFailure.Forbidden;
import io.terway.eni.CloudFailure.Invalid;
import io.terway.eni.CloudFailure.NotFound;
import io.terway.eni.CloudFailure.NotOurs;
import io.terway.eni.CloudFailure.OutcomeUnknown;
import io.terway.eni.CloudFailure.QuotaReached;
import io.terway.eni.CloudFailure.Throttled;
import io.terway.eni.CloudFailure.TokenBurnt;
import io.terway.eni.CloudFailure.Transient;
import io.terway.eni.CloudFailure.Unrecognised;
import io.terway.eni.CloudFailure.VSwitchExhausted;
import io.terway.eni.CloudFailure.WrongState;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniType;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import io.terway.eni.VSwitch;
import io.terway.eni.operation.InstanceView;
import io.terway.eni.operation.Ownership;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.wire.eni.v1.EniState;
import io.terway.wire.eni.v1.Failure;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.Limits;
import io.terway.wire.eni.v1.ListKeptEnisResponse;
import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.EniKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Values to the wire. */
final class EniWire {

    private static final Duration THROTTLED_PAUSE = Duration.ofSeconds(5);
    private static final Duration TRANSIENT_PAUSE = Duration.ofSeconds(2);
    private static final Duration QUOTA_PAUSE = Duration.ofSeconds(60);
    private static final Duration FORBIDDEN_PAUSE = Duration.ofSeconds(60);

    private EniWire() {}

    /** The one mapping from failure class to the contract's. */
    static Failure to(CloudFailure failure) {
        return switch (failure) {
            case Throttled _ -> failure(failure, Failure.Class.THROTTLED, THROTTLED_PAUSE);
            case QuotaReached _ -> failure(failure, Failure.Class.QUOTA, QUOTA_PAUSE);
            case VSwitchExhausted _ -> failure(failure, Failure.Class.V_SWITCH_EXHAUSTED, QUOTA_PAUSE);
            case Busy _, WrongState _, AlreadyThere _ -> failure(failure, Failure.Class.CONFLICT, TRANSIENT_PAUSE);
            case NotFound _, AlreadyGone _ -> failure(failure, Failure.Class.NOT_FOUND, Duration.ZERO);
            case Forbidden _ -> failure(failure, Failure.Class.FORBIDDEN, FORBIDDEN_PAUSE);
            case Transient _, OutcomeUnknown _, TokenBurnt _ ->
                failure(failure, Failure.Class.TRANSIENT, TRANSIENT_PAUSE);
            case Invalid _, NotOurs _ -> failure(failure, Failure.Class.INVALID, Duration.ZERO);
            case DryRunPassed _, Unrecognised _ -> failure(failure, Failure.Class.UNKNOWN, TRANSIENT_PAUSE);
        };
    }

    private static Failure failure(CloudFailure failure, Failure.Class type, Duration pause) {
        return Failure.newBuilder()
                .setClass_(type)
                .setCode(failure.code())
                .setMessage(failure.message())
                .setRetryAfterMs(pause.toMillis())
                .build();
    }

    /** @param subnets the CIDR blocks of an ENI's vSwitch, empty when it cannot be read */
    static Instance to(InstanceView view, Ownership ownership, Function<NetworkInterface, List<Cidr>> subnets) {
        ComputeInstance instance = view.instance();
        Instance.Builder out = Instance.newBuilder()
                .setInstanceId(instance.id().value())
                .setInstanceType(instance.type().value())
                .setZone(instance.zone().value())
                .setRegion(instance.region())
                .setVpcId(instance.vpc().value())
                .setStatus(view.released() ? "Released" : instance.status())
                .setLimits(to(view.limits()))
                .setPrimaryVSwitchId(instance.vSwitch().value());
        instance.groups().stream().map(SecurityGroupId::value).forEach(out::addSecurityGroupIds);
        view.enis().forEach(eni -> out.addEnis(to(eni, ownership, subnets.apply(eni))));
        return out.build();
    }

    private static Limits to(InstanceLimits limits) {
        return Limits.newBuilder()
                .setEnis(limits.enis())
                .setIpv4PerEni(limits.ipv4PerEni())
                .setIpv6PerEni(limits.ipv6PerEni())
                .setEnisTotal(limits.enisTotal())
                .setTrunkSupported(limits.trunkSupported())
                .build();
    }

    static EniState to(NetworkInterface eni, Ownership ownership, List<Cidr> subnets) {
        Optional<Attachment.OnTrunk> member =
                eni.attachment() instanceof Attachment.OnTrunk on ? Optional.of(on) : Optional.empty();
        return EniState.newBuilder()
                .setEni(Eni.newBuilder()
                        .setId(eni.id().value())
                        .setMac(eni.mac().toString())
                        .setVSwitchId(eni.vSwitch().value())
                        .addAllSubnets(subnets.stream().map(Cidr::toString).toList())
                        .setPrimaryAddress(eni.primaryAddress().toString())
                        .setPrimary(eni.type() == EniType.PRIMARY)
                        .setKind(kind(eni.type()))
                        .setVlanId(member.map(Attachment.OnTrunk::vlan).orElse(0))
                        .setTrunkEniId(member.map(on -> on.trunk().value()).orElse(""))
                        .setPrimaryIpv6Address(
                                eni.primaryIpv6().map(Ip::toString).orElse("")))
                .setState(eni.status().text())
                .setType(eni.type().text())
                .addAllAddresses(eni.addresses().stream().map(Ip::toString).toList())
                .addAllPrefixes(eni.prefixes().stream().map(Cidr::toString).toList())
                .addAllSecurityGroupIds(
                        eni.groups().stream().map(SecurityGroupId::value).toList())
                .setVlanId(member.map(Attachment.OnTrunk::vlan).orElse(0))
                .setTrunkEniId(member.map(on -> on.trunk().value()).orElse(""))
                .setOurs(ownership.ours(eni))
                .build();
    }

    private static EniKind kind(EniType type) {
        return switch (type) {
            case PRIMARY -> EniKind.PRIMARY;
            case SECONDARY -> EniKind.SECONDARY;
            case TRUNK -> EniKind.TRUNK;
            case MEMBER -> EniKind.MEMBER;
        };
    }

    static io.terway.wire.eni.v1.VSwitch to(VSwitch vSwitch) {
        return io.terway.wire.eni.v1.VSwitch.newBuilder()
                .setId(vSwitch.id().value())
                .setZone(vSwitch.zone().value())
                .setCidr(block(vSwitch, Family.IPV4))
                .setIpv6Cidr(block(vSwitch, Family.IPV6))
                .setAvailable(vSwitch.available())
                .build();
    }

    private static String block(VSwitch vSwitch, Family family) {
        return vSwitch.subnets().stream()
                .filter(subnet -> subnet.family() == family)
                .findFirst()
                .map(Cidr::toString)
                .orElse("");
    }

    static ListKeptEnisResponse kept(List<EniId> enis) {
        return ListKeptEnisResponse.newBuilder()
                .addAllEniIds(enis.stream().map(EniId::value).toList())
                .build();
    }
}
