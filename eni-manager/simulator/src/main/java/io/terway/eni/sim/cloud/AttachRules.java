package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.ecs.TypeLimits;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.util.List;
import java.util.Optional;

/** Whether an ENI fits onto an instance: zone, VPC, slots, members and addresses. Reads only. */
final class AttachRules {

    private final Enis enis;
    private final Instances instances;

    AttachRules(Enis enis, Instances instances) {
        this.enis = enis;
        this.instances = instances;
    }

    void requireAttachable(Eni eni, Instance instance, Optional<EniId> trunk) {
        requireSettled(instance);
        Eni primary = enis.get(instance.primaryEni());
        if (!eni.vpc().equals(primary.vpc())) {
            throw ErrorCode.VPC_MISMATCH.refuse("%s and %s are in different VPCs.", eni.id(), instance.id());
        }
        if (!eni.zone().equals(instance.zone())) {
            throw ErrorCode.ZONE_MISMATCH.refuse(
                    "%s is in zone %s, %s in zone %s.", eni.id(), eni.zone(), instance.id(), instance.zone());
        }
        TypeLimits limits = instances.limitsOf(instance);
        if (trunk.isPresent()) {
            requireMemberSlot(eni, instance, limits, enis.get(trunk.get()));
        } else {
            requireSlot(eni, instance, limits);
        }
        if (eni.used(false) > limits.ipv4PerEni()) {
            throw ErrorCode.IPV4_COUNT.refuse(
                    "%s holds %d IPv4 addresses; %s allows %d per network interface.",
                    eni.id(), eni.used(false), limits.type(), limits.ipv4PerEni());
        }
        if (eni.used(true) > limits.ipv6PerEni()) {
            throw ErrorCode.IPV6_COUNT.refuse(
                    "%s holds %d IPv6 addresses; %s allows %d per network interface.",
                    eni.id(), eni.used(true), limits.type(), limits.ipv6PerEni());
        }
    }

    private void requireSlot(Eni eni, Instance instance, TypeLimits limits) {
        List<Eni> direct = enis.on(instance.id()).stream()
                .map(enis::get)
                .filter(e -> e.attachment().orElseThrow() instanceof Attachment.Direct)
                .toList();
        if (direct.size() >= limits.enis()) {
            throw ErrorCode.ENI_PER_INSTANCE.refuse(
                    "%s already has %d network interfaces; %s allows %d.",
                    instance.id(), direct.size(), limits.type(), limits.enis());
        }
        boolean trunked = direct.stream().anyMatch(e -> e.kind() == EniKind.TRUNK);
        if (eni.kind() == EniKind.TRUNK && (!limits.trunk() || trunked)) {
            throw ErrorCode.ENI_TYPE.refuse(
                    "%s %s.", instance.id(), trunked ? "already has a trunk" : "does not support trunk interfaces");
        }
    }

    private void requireMemberSlot(Eni eni, Instance instance, TypeLimits limits, Eni trunk) {
        boolean ready = trunk.kind() == EniKind.TRUNK
                && trunk.state() instanceof EniState.InUse u
                && u.at().instance().equals(instance.id());
        if (!ready || eni.kind() != EniKind.SECONDARY) {
            throw ErrorCode.ENI_TYPE.refuse(
                    "%s cannot become a member: %s is not a trunk in use on %s.", eni.id(), trunk.id(), instance.id());
        }
        if (members(trunk.id(), instance.id()).size() >= limits.members()) {
            throw ErrorCode.ENI_PER_INSTANCE.refuse(
                    "%s already has %d member interfaces; %s allows no more.",
                    instance.id(), limits.members(), limits.type());
        }
    }

    void requireNoMembers(Eni eni, InstanceId on) {
        if (eni.kind() == EniKind.TRUNK && !members(eni.id(), on).isEmpty()) {
            throw ErrorCode.ENI_TYPE.refuse("The trunk %s still carries member interfaces.", eni.id());
        }
    }

    void requireSettled(Instance instance) {
        if (!instance.status().settled()) {
            throw ErrorCode.INSTANCE_STATE.refuse(
                    "The instance %s is %s.", instance.id(), instance.status().wireName());
        }
    }

    /** The members on a trunk, which share its instance. */
    List<Attachment.Member> members(EniId trunk, InstanceId on) {
        return enis.on(on).stream()
                .flatMap(id -> enis.get(id).attachment().stream())
                .filter(Attachment.Member.class::isInstance)
                .map(Attachment.Member.class::cast)
                .filter(m -> m.trunk().equals(trunk))
                .toList();
    }

    int freeVlan(EniId trunk, InstanceId on) {
        List<Integer> used =
                members(trunk, on).stream().map(Attachment.Member::vlan).toList();
        int vlan = 1;
        while (used.contains(vlan)) {
            vlan++;
        }
        return vlan;
    }
}
