package io.terway.sim;

import io.terway.eni.Attachment.OnTrunk;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.Binding;
import io.terway.ipam.CloudEni;
import io.terway.ipam.EniIp;
import io.terway.ipam.Holder;
import io.terway.ipam.Ledger;
import io.terway.ipam.LedgerEvent;
import io.terway.ipam.Word;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.node.commit.Proposal;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.PodLife;
import io.terway.node.ledger.VirtualType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the wire does between the cores: the same value in the other's words. */
final class Translate {

    private static final List<Cidr> SUBNETS = List.of(Cidr.parse("10.0.0.0/16"));

    private Translate() {}

    static CloudEni eni(NetworkInterface eni) {
        CloudEni.Phase phase = switch (eni.status()) {
            case CREATING, ATTACHING -> CloudEni.Phase.COMING;
            case IN_USE -> CloudEni.Phase.IN_USE;
            case AVAILABLE, DETACHING, DELETING, FAILED -> CloudEni.Phase.LEAVING;
        };
        CloudEni.Use use = switch (eni.type()) {
            case PRIMARY -> CloudEni.Use.PRIMARY;
            case SECONDARY -> CloudEni.Use.SECONDARY;
            case TRUNK -> CloudEni.Use.TRUNK;
            case MEMBER -> CloudEni.Use.MEMBER;
        };
        List<Ip> others = new ArrayList<>(eni.addresses());
        eni.primaryIpv6().ifPresent(others::remove);
        Optional<OnTrunk> member = eni.attachment() instanceof OnTrunk on ? Optional.of(on) : Optional.empty();
        return new CloudEni(
                eni.id(),
                eni.mac(),
                eni.vSwitch(),
                SUBNETS,
                Optional.of(eni.primaryAddress()),
                eni.primaryIpv6(),
                others,
                List.of(),
                phase,
                use,
                eni.type() != EniType.PRIMARY,
                List.of(),
                member.map(OnTrunk::vlan).orElse(0),
                member.map(OnTrunk::trunk));
    }

    static LedgerEntry.Offered offer(Word.Offer offer) {
        return new LedgerEntry.Offered(
                offer.enis().stream()
                        .map(eni -> new OfferedEni(
                                eni.id(),
                                eni.mac(),
                                eni.vSwitch(),
                                eni.subnets(),
                                Stream.concat(eni.own().stream(), eni.ownIpv6().stream())
                                        .toList(),
                                role(eni)))
                        .toList(),
                offer.addresses().stream()
                        .map(a -> new OfferedAddress(a.ip(), a.eni(), Cidr.single(a.ip()), offer.number()))
                        .toList());
    }

    private static EniRole role(CloudEni eni) {
        return switch (eni.use()) {
            case PRIMARY -> new EniRole.Primary();
            case SECONDARY, OTHER -> new EniRole.Secondary();
            case TRUNK -> new EniRole.Trunk();
            case MEMBER -> new EniRole.Member(eni.trunk().orElseThrow(), eni.vlan());
        };
    }

    static Proposal proposal(AllocateOutcome.Proposed proposed) {
        return new Proposal(
                proposed.addresses().stream().map(EniIp::ip).toList(),
                proposed.fixed(),
                io.terway.node.ledger.Attachment.valueOf(proposed.attachment().name()));
    }

    static NodeConfig config(io.terway.ipam.NodeConfig config) {
        return new NodeConfig(
                config.revision(),
                NetworkMode.parse(config.mode().toString()),
                VirtualType.VETH,
                List.copyOf(config.stack().families()),
                List.of(),
                List.of(),
                0,
                config.coolDown(),
                config.localAllocation());
    }

    static Ledger ledger(LedgerState state, BootTime now) {
        return new Ledger(
                state.bindings().stream().map(Translate::binding).toList(),
                state.offered().stream()
                        .map(o -> new Ledger.Numbered(new EniIp(o.ip(), o.eni()), o.number()))
                        .toList(),
                state.withdrawn().stream()
                        .map(w -> new Ledger.Numbered(new EniIp(w.ip(), w.eni()), w.number()))
                        .toList(),
                state.releases().stream()
                        .filter(c -> state.coolingLeft(c.ip(), now).isPositive())
                        .map(c -> new Ledger.Cooling(c.ip(), holder(c.lastHolder()), state.coolingLeft(c.ip(), now)))
                        .toList());
    }

    static Holder holder(PodLife life) {
        return new Holder(life.ref(), life.uid());
    }

    static Binding binding(io.terway.node.ledger.Binding binding) {
        return new Binding(
                binding.key(),
                holder(binding.pod()),
                binding.addresses().stream()
                        .map(a -> new EniIp(a.ip(), a.eni()))
                        .toList(),
                binding.fixed(),
                binding.sequence(),
                io.terway.ipam.Attachment.valueOf(binding.attachment().name()));
    }

    static LedgerEvent bound(io.terway.node.ledger.Binding binding) {
        return new LedgerEvent.Bound(binding(binding));
    }

    static LedgerEvent released(long sequence, io.terway.node.ledger.Binding binding, Duration coolDown) {
        List<Ip> ips = binding.ips();
        return new LedgerEvent.Released(sequence, binding.key(), holder(binding.pod()), ips, coolDown);
    }
}
