package io.terway.ipam.grpc;

import io.terway.ipam.AddressState;
import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.Binding;
import io.terway.ipam.CloudEni;
import io.terway.ipam.CloudInstance;
import io.terway.ipam.EniIp;
import io.terway.ipam.Holder;
import io.terway.ipam.NodeView;
import io.terway.ipam.SessionId;
import io.terway.ipam.Word;
import io.terway.net.EniId;
import io.terway.wire.ipam.v1.AddressView;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.LastView;
import io.terway.wire.ipam.v1.NodeConfig;
import io.terway.wire.ipam.v1.Offer;
import io.terway.wire.ipam.v1.OfferedAddress;
import io.terway.wire.ipam.v1.Pending;
import io.terway.wire.ipam.v1.Proposal;
import io.terway.wire.ipam.v1.Refusal;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.Welcome;
import io.terway.wire.ipam.v1.Withdraw;
import io.terway.wire.net.v1.Attachment;
import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.EniGroups;
import io.terway.wire.net.v1.EniKind;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.net.v1.Sandbox;
import java.util.Set;

/** What the core says, written for agents and tools. */
final class CoreWire {

    private CoreWire() {}

    static ServerMessage message(long term, SessionId session, Word word) {
        ServerMessage.Builder message = ServerMessage.newBuilder().setTerm(term);
        switch (word) {
            case Word.Welcome welcome ->
                message.setWelcome(Welcome.newBuilder()
                        .setSessionId(session.value())
                        .setAcknowledgedSequence(welcome.acknowledgedSequence())
                        .setConfig(config(welcome.config())));
            case Word.Offer offer -> message.setOffer(offer(offer));
            case Word.Withdraw withdraw -> {
                Withdraw.Builder out = Withdraw.newBuilder().setNumber(withdraw.number());
                withdraw.addresses().forEach(ip -> out.addAddresses(ip.toString()));
                withdraw.enis().forEach(eni -> out.addEnis(eni.value()));
                message.setWithdraw(out);
            }
            case Word.Configure configure -> message.setConfig(config(configure.config()));
            case Word.LastView view -> message.setLastView(lastView(view));
        }
        return message.build();
    }

    private static Offer offer(Word.Offer offer) {
        Offer.Builder out = Offer.newBuilder().setNumber(offer.number());
        offer.enis().forEach(eni -> out.addEnis(eni(eni, offer.ofPods())));
        offer.addresses().forEach(address -> out.addAddresses(address(address)));
        return out.build();
    }

    private static LastView lastView(Word.LastView view) {
        LastView.Builder out = LastView.newBuilder().setKnown(view.known());
        view.enis().forEach(eni -> out.addEnis(eni(eni, view.ofPods())));
        view.offered()
                .forEach(entry -> out.addOffered(OfferedAddress.newBuilder()
                        .setAddress(address(entry.address()))
                        .setNumber(entry.number())));
        view.bindings().forEach(binding -> out.addBindings(binding(binding)));
        return out.build();
    }

    private static io.terway.wire.ipam.v1.Binding binding(Binding binding) {
        var out = io.terway.wire.ipam.v1.Binding.newBuilder()
                .setSandbox(Sandbox.newBuilder()
                        .setNetwork(binding.sandbox().network())
                        .setContainerId(binding.sandbox().containerId())
                        .setIfName(binding.sandbox().ifName()))
                .setPod(pod(binding.holder()))
                .setFixed(binding.fixed())
                .setSequence(binding.sequence())
                .setAttachment(attachment(binding.attachment()));
        binding.addresses().forEach(address -> out.addAddresses(address(address)));
        return out.build();
    }

    static NodeConfig config(io.terway.ipam.NodeConfig config) {
        var datapath = config.datapath();
        NodeConfig.Builder out = NodeConfig.newBuilder()
                .setRevision(config.revision())
                .setNetworkMode(config.mode().toString())
                .setVirtualType(config.virtualType().toString())
                .setIpStack(config.stack().toString())
                .setMtu(datapath.mtu())
                .setAutoMtu(datapath.autoMtu())
                .setCoolDownMs(config.coolDown().toMillis())
                .setLocalAllocation(config.localAllocation())
                .setCapacity(config.capacity())
                .setVlanStripType(datapath.vlanInPod() ? "vlan" : "filter")
                .setDisableHostPeer(!datapath.hostPeer())
                .setDisableNetworkPolicy(!datapath.networkPolicy())
                .setSymmetricRouting(datapath.symmetricRouting())
                .setNetworkPriority(datapath.networkPriority())
                .setAcceleration(datapath.acceleration())
                .setNativeHostPort(datapath.nativeHostPort());
        config.podCidrs().forEach(cidr -> out.addPodCidrs(cidr.toString()));
        datapath.serviceCidrs().forEach(cidr -> out.addServiceCidrs(cidr.toString()));
        datapath.hostStackCidrs().forEach(cidr -> out.addHostStackCidrs(cidr.toString()));
        datapath.extraRoutes().forEach(cidr -> out.addExtraRoutes(cidr.toString()));
        datapath.jumboCidrs().forEach(cidr -> out.addJumboCidrs(cidr.toString()));
        datapath.snatCidrs().forEach(cidr -> out.addSnatCidrs(cidr.toString()));
        return out.build();
    }

    private static Eni eni(CloudEni eni, Set<EniId> ofPods) {
        EniGroups groups = ofPods.contains(eni.id()) ? EniGroups.OF_A_POD : EniGroups.OF_THE_POOL;
        return eni(eni).toBuilder().setGroups(groups).build();
    }

    static Eni eni(CloudEni eni) {
        Eni.Builder out = Eni.newBuilder()
                .setId(eni.id().value())
                .setMac(eni.mac().toString())
                .setVSwitchId(eni.vSwitch().value())
                .setPrimary(eni.use() == CloudEni.Use.PRIMARY)
                .setKind(
                        switch (eni.use()) {
                            case PRIMARY -> EniKind.PRIMARY;
                            case SECONDARY, OTHER -> EniKind.SECONDARY;
                            case TRUNK -> EniKind.TRUNK;
                            case MEMBER -> EniKind.MEMBER;
                        })
                .setVlanId(eni.vlan());
        eni.subnets().forEach(subnet -> out.addSubnets(subnet.toString()));
        eni.own().ifPresent(ip -> out.setPrimaryAddress(ip.toString()));
        eni.ownIpv6().ifPresent(ip -> out.setPrimaryIpv6Address(ip.toString()));
        eni.trunk().ifPresent(trunk -> out.setTrunkEniId(trunk.value()));
        return out.build();
    }

    static EniAddress address(EniIp address) {
        return EniAddress.newBuilder()
                .setAddress(address.ip().toString())
                .setEniId(address.eni().value())
                .setPrefix(address.block().map(Object::toString).orElse(""))
                .build();
    }

    private static Attachment attachment(io.terway.ipam.Attachment attachment) {
        return switch (attachment) {
            case SHARED -> Attachment.SHARED;
            case EXCLUSIVE -> Attachment.EXCLUSIVE;
            case TRUNK_MEMBER -> Attachment.TRUNK_MEMBER;
            case ROUTED -> Attachment.ROUTED;
        };
    }

    /** The three outcomes that are answers; the others are statuses. */
    static AllocateResponse response(long term, AllocateOutcome outcome) {
        AllocateResponse.Builder out = AllocateResponse.newBuilder().setTerm(term);
        switch (outcome) {
            case AllocateOutcome.Proposed proposed -> {
                Proposal.Builder proposal = Proposal.newBuilder()
                        .setFixed(proposed.fixed())
                        .setAttachment(attachment(proposed.attachment()));
                proposed.addresses().forEach(address -> proposal.addAddresses(address(address)));
                out.setProposal(proposal);
            }
            case AllocateOutcome.Pending pending ->
                out.setPending(Pending.newBuilder()
                        .setRetryAfterMs(pending.retryAfter().toMillis())
                        .setReason(pending.reason()));
            case AllocateOutcome.Refused refused ->
                out.setRefusal(Refusal.newBuilder().setCode(code(refused.why())).setMessage(refused.message()));
            case AllocateOutcome.NoSession _, AllocateOutcome.WrongNode _ ->
                throw new IllegalArgumentException("answered by a status, not a response");
        }
        return out.build();
    }

    private static Refusal.Code code(AllocateOutcome.Why why) {
        return switch (why) {
            case NODE_FULL -> Refusal.Code.NODE_FULL;
            case V_SWITCH_EXHAUSTED -> Refusal.Code.V_SWITCH_EXHAUSTED;
            case BAD_POD -> Refusal.Code.BAD_POD;
            case QUOTA -> Refusal.Code.QUOTA;
            case FIXED_ADDRESS -> Refusal.Code.FIXED_ADDRESS;
        };
    }

    static io.terway.wire.ipam.v1.NodeView view(NodeView view) {
        var out = io.terway.wire.ipam.v1.NodeView.newBuilder()
                .setNodeName(view.node().value())
                .setInstanceId(view.instance().value())
                .setZone(view.zone().value())
                .setInstanceType(view.cloud()
                        .map(CloudInstance::type)
                        .map(Object::toString)
                        .orElse(""))
                .setConnected(view.connected())
                .setQuarantine(view.quarantine())
                .setMinPoolSize(view.minPoolSize())
                .setMaxPoolSize(view.maxPoolSize())
                .setCapacity(view.capacity())
                .setWaiting(view.waiting());
        view.enis().forEach(eni -> out.addEnis(eni(eni)));
        view.addresses().forEach(line -> out.addAddresses(line(line)));
        return out.build();
    }

    private static AddressView line(NodeView.AddressLine line) {
        AddressView.Builder out = AddressView.newBuilder().setAddress(address(line.address()));
        return switch (line.state()) {
            case AddressState.Supplied _, AddressState.Idle _, AddressState.Reserved _ ->
                out.setState("idle").build();
            case AddressState.Bound bound ->
                out.setState("bound").setPod(pod(bound.binding().holder())).build();
            case AddressState.Cooling cooling ->
                out.setState("cooling").setPod(pod(cooling.lastHolder())).build();
            case AddressState.Withdrawing _,
                    AddressState.Withdrawn _,
                    AddressState.Unassigning _,
                    AddressState.Gone _ -> out.setState("withdrawing").build();
        };
    }

    private static Pod pod(Holder holder) {
        return Pod.newBuilder()
                .setNamespace(holder.pod().namespace())
                .setName(holder.pod().name())
                .setUid(holder.uid())
                .build();
    }
}
