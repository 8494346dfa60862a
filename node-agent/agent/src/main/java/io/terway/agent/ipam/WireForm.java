package io.terway.agent.ipam;

import io.terway.agent.pods.KnownPod;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.node.commit.Proposal;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.EniGroups;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.NetworkOptions;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.PodLife;
import io.terway.node.ledger.VirtualType;
import io.terway.node.ledger.VlanStrip;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.Offer;
import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.EniKind;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.net.v1.Sandbox;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Values to messages and back. Reading throws {@link IllegalArgumentException} naming what is unreadable. */
public final class WireForm {

    private WireForm() {}

    public static Sandbox sandbox(SandboxKey key) {
        return Sandbox.newBuilder()
                .setNetwork(key.network())
                .setContainerId(key.containerId())
                .setIfName(key.ifName())
                .build();
    }

    public static Pod pod(PodLife pod) {
        return Pod.newBuilder()
                .setNamespace(pod.ref().namespace())
                .setName(pod.ref().name())
                .setUid(pod.uid())
                .build();
    }

    static EniAddress address(Ip ip, EniId eni) {
        return EniAddress.newBuilder()
                .setAddress(ip.toString())
                .setEniId(eni.value())
                .build();
    }

    static io.terway.wire.ipam.v1.OfferedAddress offered(OfferedAddress offered) {
        EniAddress address = address(offered.ip(), offered.eni());
        return io.terway.wire.ipam.v1.OfferedAddress.newBuilder()
                .setAddress(
                        offered.isSingle()
                                ? address
                                : address.toBuilder()
                                        .setPrefix(offered.block().toString())
                                        .build())
                .setNumber(offered.number())
                .build();
    }

    static io.terway.wire.ipam.v1.Binding binding(Binding binding) {
        return io.terway.wire.ipam.v1.Binding.newBuilder()
                .setSandbox(sandbox(binding.key()))
                .setPod(pod(binding.pod()))
                .addAllAddresses(binding.addresses().stream()
                        .map(a -> address(a.ip(), a.eni()))
                        .toList())
                .setFixed(binding.fixed())
                .setSequence(binding.sequence())
                .setAttachment(attachment(binding.attachment()))
                .build();
    }

    private static io.terway.wire.net.v1.Attachment attachment(Attachment attachment) {
        return switch (attachment) {
            case SHARED -> io.terway.wire.net.v1.Attachment.SHARED;
            case EXCLUSIVE -> io.terway.wire.net.v1.Attachment.EXCLUSIVE;
            case TRUNK_MEMBER -> io.terway.wire.net.v1.Attachment.TRUNK_MEMBER;
            case ROUTED -> io.terway.wire.net.v1.Attachment.ROUTED;
        };
    }

    /**
     * Which address shall this sandbox get.
     *
     * @param deadline how long the answer is of use
     * @param refused not to be proposed
     */
    public static AllocateRequest question(
            String requestId,
            NodeName node,
            SandboxKey sandbox,
            KnownPod pod,
            List<Family> families,
            Duration deadline,
            List<Ip> refused) {
        return AllocateRequest.newBuilder()
                .setRequestId(requestId)
                .setNodeName(node.value())
                .setSandbox(sandbox(sandbox))
                .setPod(pod(pod.life()))
                .addAllFamilies(families.stream().map(Family::name).toList())
                .setDeadlineMs(deadline.toMillis())
                .addAllRefused(refused.stream().map(Ip::toString).toList())
                .putAllAnnotations(pod.annotations())
                .build();
    }

    /** What ipam-service proposes. */
    public static Proposal proposal(io.terway.wire.ipam.v1.Proposal proposal) {
        return new Proposal(
                proposal.getAddressesList().stream()
                        .map(EniAddress::getAddress)
                        .map(Ip::parse)
                        .toList(),
                proposal.getFixed(),
                attachment(proposal.getAttachment()));
    }

    static Attachment attachment(io.terway.wire.net.v1.Attachment attachment) {
        return switch (attachment) {
            case SHARED, ATTACHMENT_UNSPECIFIED -> Attachment.SHARED;
            case EXCLUSIVE -> Attachment.EXCLUSIVE;
            case TRUNK_MEMBER -> Attachment.TRUNK_MEMBER;
            case ROUTED -> Attachment.ROUTED;
            case UNRECOGNIZED ->
                throw new IllegalArgumentException(
                        "attachment is none of this version's; upgrade the agent to ipam-service's version");
        };
    }

    public static Eni eni(OfferedEni eni) {
        Eni.Builder wire = Eni.newBuilder();
        switch (eni.role()) {
            case EniRole.Primary() -> wire.setPrimary(true).setKind(EniKind.PRIMARY);
            case EniRole.Secondary() -> wire.setKind(EniKind.SECONDARY);
            case EniRole.Trunk() -> wire.setKind(EniKind.TRUNK);
            case EniRole.Member(EniId trunk, int vlan) ->
                wire.setKind(EniKind.MEMBER).setTrunkEniId(trunk.value()).setVlanId(vlan);
        }
        return wire.setId(eni.id().value())
                .setMac(eni.mac().toString())
                .setVSwitchId(eni.vSwitch().value())
                .addAllSubnets(eni.subnets().stream().map(Cidr::toString).toList())
                .setPrimaryAddress(own(eni, Family.IPV4))
                .setPrimaryIpv6Address(own(eni, Family.IPV6))
                .build();
    }

    static LedgerEntry.Offered offer(Offer offer) {
        return new LedgerEntry.Offered(
                offer.getEnisList().stream().map(WireForm::eni).toList(),
                offer.getAddressesList().stream()
                        .map(a -> offered(a, offer.getNumber()))
                        .toList());
    }

    private static String own(OfferedEni eni, Family family) {
        return eni.own().stream()
                .filter(ip -> ip.family() == family)
                .map(Ip::toString)
                .findFirst()
                .orElse("");
    }

    private static EniRole role(Eni eni) {
        return switch (eni.getKind()) {
            case PRIMARY -> new EniRole.Primary();
            case SECONDARY -> new EniRole.Secondary();
            case TRUNK -> new EniRole.Trunk();
            case MEMBER -> new EniRole.Member(new EniId(eni.getTrunkEniId()), eni.getVlanId());
            case ENI_KIND_UNSPECIFIED, UNRECOGNIZED ->
                eni.getPrimary() ? new EniRole.Primary() : new EniRole.Secondary();
        };
    }

    private static EniGroups groups(Eni eni) {
        return switch (eni.getGroups()) {
            case ENI_GROUPS_UNSPECIFIED, UNRECOGNIZED -> EniGroups.UNKNOWN;
            case OF_THE_POOL -> EniGroups.POOL;
            case OF_A_POD -> EniGroups.POD;
        };
    }

    static OfferedEni eni(Eni eni) {
        return new OfferedEni(
                new EniId(eni.getId()),
                Mac.parse(eni.getMac()),
                new VSwitchId(eni.getVSwitchId()),
                cidrs(eni.getSubnetsList()),
                Stream.of(eni.getPrimaryAddress(), eni.getPrimaryIpv6Address())
                        .filter(text -> !text.isEmpty())
                        .map(Ip::parse)
                        .toList(),
                role(eni),
                groups(eni));
    }

    static OfferedAddress offered(EniAddress address, long number) {
        Ip ip = Ip.parse(address.getAddress());
        Cidr block = address.getPrefix().isEmpty() ? Cidr.single(ip) : Cidr.parse(address.getPrefix());
        return new OfferedAddress(ip, new EniId(address.getEniId()), block, number);
    }

    static NodeConfig config(io.terway.wire.ipam.v1.NodeConfig config) {
        return new NodeConfig(
                config.getRevision(),
                NetworkMode.parse(config.getNetworkMode()),
                VirtualType.parse(config.getVirtualType()),
                NodeConfig.stack(config.getIpStack()),
                cidrs(config.getServiceCidrsList()),
                cidrs(config.getHostStackCidrsList()),
                config.getMtu(),
                Duration.ofMillis(config.getCoolDownMs()),
                config.getLocalAllocation(),
                new NetworkOptions(
                        config.getCapacity(),
                        cidrs(config.getPodCidrsList()),
                        VlanStrip.parse(config.getVlanStripType()),
                        !config.getDisableHostPeer(),
                        !config.getDisableNetworkPolicy(),
                        cidrs(config.getExtraRoutesList()),
                        cidrs(config.getSnatCidrsList()),
                        config.getSymmetricRouting(),
                        config.getNetworkPriority(),
                        config.getAutoMtu(),
                        config.getAcceleration(),
                        config.getNativeHostPort(),
                        cidrs(config.getJumboCidrsList())));
    }

    static KnownPod pod(io.terway.wire.ipam.v1.KnownPod pod) {
        return new KnownPod(
                new PodLife(
                        new PodRef(pod.getPod().getNamespace(), pod.getPod().getName()),
                        pod.getPod().getUid()),
                pod.getAnnotationsMap());
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().map(Cidr::parse).toList();
    }
}
