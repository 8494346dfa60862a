package io.terway.lab.fabric;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.SecurityGroupId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An ENI as the VPC wants it plugged.
 *
 * @param node whose namespace gets the other end
 * @param primary true for the instance's own ENI: it is eth0 and the machine image configures it
 * @param subnets the vSwitch's block per family
 * @param addresses assigned ones, the primary address first
 * @param prefixes assigned prefixes
 * @param routed blocks that the VPC's route table sends to this ENI or its instance
 * @param tag of a member ENI, which has no NIC of its own: its frames travel tagged over its trunk's link
 * @param groups the security groups it is in
 */
public record Plug(
        EniId eni,
        Mac mac,
        NodeName node,
        boolean primary,
        List<Cidr> subnets,
        List<Ip> addresses,
        List<Cidr> prefixes,
        List<Cidr> routed,
        Optional<Tag> tag,
        List<SecurityGroupId> groups) {

    /** @param vlan 1 to 4094, unique per trunk */
    public record Tag(EniId trunk, int vlan) {}

    public Plug {
        subnets = List.copyOf(subnets);
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        routed = List.copyOf(routed);
        groups = List.copyOf(groups);
    }

    /** Everything that may be its source, and that leads to it. */
    public SortedSet<Cidr> blocks() {
        SortedSet<Cidr> blocks = new TreeSet<>(prefixes);
        blocks.addAll(routed);
        addresses.forEach(ip -> blocks.add(Cidr.single(ip)));
        return blocks;
    }

    /**
     * What the router must have for it. A block whose family has no address here is left out: nobody could take it.
     *
     * @param answered IPv6 addresses that the router claims towards this ENI
     */
    public Port port(SortedSet<Ip> answered) {
        Map<Family, Ip> first = new EnumMap<>(Family.class);
        addresses.forEach(ip -> first.putIfAbsent(ip.family(), ip));
        SortedSet<Cidr> blocks = blocks();
        blocks.removeIf(block -> !first.containsKey(block.family()));
        SortedSet<Port.Route> routes = new TreeSet<>();
        blocks.forEach(block -> routes.add(new Port.Route(block, first.get(block.family()))));
        return new Port(eni, mac, tag, new TreeSet<>(first.values()), answered, routes, blocks);
    }
}
