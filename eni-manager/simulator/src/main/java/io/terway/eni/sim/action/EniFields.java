package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.rpc.Fields;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** An ENI as the answers of several actions write it. */
final class EniFields {

    private EniFields() {}

    /** What CreateNetworkInterface and the describes have in common. */
    static Fields common(Eni eni) {
        return Fields.of()
                .put("NetworkInterfaceId", eni.id().value())
                .put("NetworkInterfaceName", eni.labels().name())
                .put("Description", eni.labels().description())
                .put("Type", eni.wireType())
                .put("Status", eni.state().wireName())
                .put("VpcId", eni.vpc().value())
                .put("VSwitchId", eni.vSwitch().value())
                .put("ZoneId", eni.zone().value())
                .put("MacAddress", eni.mac().toString())
                .put("PrivateIpAddress", eni.primary().toString())
                .merge(addresses(eni))
                .texts("SecurityGroupIds", "SecurityGroupId", eni.groups())
                .merge(Tags.ecs(eni.labels().tags()))
                .put("ResourceGroupId", eni.labels().resourceGroup())
                .put("ServiceManaged", false);
    }

    static Fields addresses(Eni eni) {
        return Fields.of()
                .list(
                        "PrivateIpSets",
                        "PrivateIpSet",
                        eni.ipv4(),
                        ip -> Fields.of()
                                .put("Primary", ip.equals(eni.primary()))
                                .put("PrivateIpAddress", ip.toString()))
                .list("Ipv6Sets", "Ipv6Set", eni.ipv6(), ip -> Fields.of().put("Ipv6Address", ip.toString()))
                .list(
                        "Ipv4PrefixSets",
                        "Ipv4PrefixSet",
                        eni.prefixes(false),
                        p -> Fields.of().put("Ipv4Prefix", p.toString()))
                .list(
                        "Ipv6PrefixSets",
                        "Ipv6PrefixSet",
                        eni.prefixes(true),
                        p -> Fields.of().put("Ipv6Prefix", p.toString()));
    }

    /** One NetworkInterfaceSet. */
    static Fields described(Eni eni) {
        Fields out = common(eni)
                .put("CreationTime", seconds(eni.created()))
                .put("DeleteOnRelease", eni.labels().deleteOnRelease())
                .put("NetworkInterfaceTrafficMode", eni.labels().trafficMode())
                .put("OwnerId", "1000000000000001");
        if (eni.labels().queues() > 0) {
            out.put("QueueNumber", eni.labels().queues());
        }
        eni.attachment()
                .ifPresent(at -> out.put("InstanceId", at.instance().value()).put("Attachment", attachment(at)));
        return out;
    }

    /** DescribeNetworkInterfaceAttribute: the same at top level, and a trunk's members. */
    static Fields attribute(Cloud cloud, Eni eni) {
        Fields out = described(eni);
        boolean trunk = eni.kind() == EniKind.TRUNK && eni.state() instanceof EniState.InUse;
        List<String> members = trunk
                ? cloud.enis().on(eni.instance().orElseThrow()).stream()
                        .filter(id -> cloud.enis().get(id).attachment().orElseThrow() instanceof Attachment.Member m
                                && m.trunk().equals(eni.id()))
                        .map(Object::toString)
                        .toList()
                : List.of();
        if (!members.isEmpty()) {
            eni.attachment()
                    .ifPresent(at -> out.put(
                            "Attachment",
                            attachment(at).texts("MemberNetworkInterfaceIds", "MemberNetworkInterfaceId", members)));
        }
        return out.put(
                "ConnectionTrackingConfiguration",
                Fields.of()
                        .put("TcpEstablishedTimeout", 910)
                        .put("TcpClosedAndTimeWaitTimeout", 3)
                        .put("UdpTimeout", 30));
    }

    private static Fields attachment(Attachment at) {
        Fields out = Fields.of().put("InstanceId", at.instance().value());
        return switch (at) {
            case Attachment.Direct direct -> out.put("DeviceIndex", 0).put("NetworkCardIndex", direct.card());
            case Attachment.Member member ->
                out.put("DeviceIndex", member.vlan())
                        .put("TrunkNetworkInterfaceId", member.trunk().value());
        };
    }

    static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
