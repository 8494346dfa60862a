package io.terway.eni.sim;

import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * An ENI as the data plane needs it.
 *
 * @param subnet its vSwitch's IPv4 block
 * @param ipv6Subnets its vSwitch's IPv6 block, if any
 * @param instance present exactly while the ENI must be plugged into that instance
 * @param status as the API spells it
 * @param type Primary, Secondary, Trunk or Member
 * @param addresses the primary first, then the other IPv4 ones, then IPv6; with {@code prefixes} the only sources it may
 *     send from
 * @param trunk the trunk whose tagged frames carry a member
 * @param vlan the tag of a member's frames
 */
public record EniView(
        EniId id,
        Mac mac,
        VSwitchId vSwitch,
        ZoneId zone,
        Cidr subnet,
        List<Cidr> ipv6Subnets,
        Optional<InstanceId> instance,
        String status,
        String type,
        boolean primary,
        List<Ip> addresses,
        List<Cidr> prefixes,
        List<SecurityGroupId> groups,
        Optional<EniId> trunk,
        Optional<Integer> vlan) {

    public EniView {
        ipv6Subnets = List.copyOf(ipv6Subnets);
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        groups = List.copyOf(groups);
    }

    /** The view of an ENI of this vSwitch. */
    public static EniView of(Eni eni, VSwitch vSwitch) {
        Optional<Attachment.Member> member =
                eni.plugged().filter(Attachment.Member.class::isInstance).map(Attachment.Member.class::cast);
        return new EniView(
                eni.id(),
                eni.mac(),
                eni.vSwitch(),
                eni.zone(),
                vSwitch.cidr(),
                vSwitch.ipv6Cidrs(),
                eni.plugged().map(Attachment::instance),
                eni.state().wireName(),
                eni.wireType(),
                eni.kind() == EniKind.PRIMARY,
                eni.addresses(),
                eni.prefixes(),
                eni.groups(),
                member.map(Attachment.Member::trunk),
                member.map(Attachment.Member::vlan));
    }
}
