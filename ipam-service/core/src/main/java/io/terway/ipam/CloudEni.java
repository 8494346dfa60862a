package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An ENI as eni-manager shows it.
 *
 * @param id the cloud's id
 * @param mac its MAC address
 * @param vSwitch the vSwitch it lives in
 * @param subnets CIDR blocks of the vSwitch, one per family
 * @param own its own first address; empty for an ENI without IPv4
 * @param ownIpv6 its own first IPv6 address; empty without one
 * @param addresses its secondary addresses
 * @param prefixes /28 and /80 blocks assigned to it
 * @param groups its security groups; empty while unknown
 * @param vlan VLAN id of a member, 0 otherwise
 * @param trunk the trunk ENI of a member
 * @param phase where it is in its life
 * @param use what it is for
 * @param ours true when it carries this cluster's tags; others are never touched
 */
public record CloudEni(
        EniId id,
        Mac mac,
        VSwitchId vSwitch,
        List<Cidr> subnets,
        Optional<Ip> own,
        Optional<Ip> ownIpv6,
        List<Ip> addresses,
        List<Cidr> prefixes,
        Phase phase,
        Use use,
        boolean ours,
        List<SecurityGroupId> groups,
        int vlan,
        Optional<EniId> trunk) {

    public CloudEni {
        Objects.requireNonNull(ownIpv6, "ownIpv6");
        Objects.requireNonNull(trunk, "trunk");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(mac, "mac");
        Objects.requireNonNull(vSwitch, "vSwitch");
        Objects.requireNonNull(own, "own");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(use, "use");
        subnets = List.copyOf(subnets);
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        groups = List.copyOf(groups);
    }

    /** An ENI with single addresses and nothing special. */
    public CloudEni(
            EniId id,
            Mac mac,
            VSwitchId vSwitch,
            List<Cidr> subnets,
            Optional<Ip> own,
            List<Ip> addresses,
            Phase phase,
            Use use,
            boolean ours) {
        this(
                id,
                mac,
                vSwitch,
                subnets,
                own,
                Optional.empty(),
                addresses,
                List.of(),
                phase,
                use,
                ours,
                List.of(),
                0,
                Optional.empty());
    }

    /** Where an ENI is in its life. */
    public enum Phase {
        /** Being made or plugged; will be usable. */
        COMING,
        /** Attached. */
        IN_USE,
        /** Detached, being detached, deleted or failed. */
        LEAVING
    }

    /** What an ENI is for. */
    public enum Use {
        /** Came with the instance; its addresses are the node's. */
        PRIMARY,
        /** Shared by pods, or given to one. */
        SECONDARY,
        /** Carries member ENIs. */
        TRUNK,
        /** One pod's ENI behind a trunk. */
        MEMBER,
        /** Something else: not the pool's. */
        OTHER
    }

    /** True when pods may get addresses of it. */
    boolean pooled() {
        return ours
                && switch (use) {
                    case SECONDARY, TRUNK, MEMBER -> true;
                    case PRIMARY, OTHER -> false;
                };
    }

    /** Its own addresses first, then the secondary ones; those of prefixes are not listed. */
    List<Ip> all() {
        List<Ip> all = new ArrayList<>(addresses.size() + 2);
        own.ifPresent(all::add);
        ownIpv6.ifPresent(all::add);
        all.addAll(addresses);
        return all;
    }
}
