package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
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
 * @param addresses its secondary addresses
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
        List<Ip> addresses,
        Phase phase,
        Use use,
        boolean ours) {

    public CloudEni {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(mac, "mac");
        Objects.requireNonNull(vSwitch, "vSwitch");
        Objects.requireNonNull(own, "own");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(use, "use");
        subnets = List.copyOf(subnets);
        addresses = List.copyOf(addresses);
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
        /** Shared by pods. */
        SECONDARY,
        /** Carries member ENIs, or is one, or something else: not the pool's. */
        OTHER
    }

    /** True when pods may get addresses of it. */
    boolean pooled() {
        return ours && use == Use.SECONDARY;
    }

    /** Its own address first, then the secondary ones. */
    List<Ip> all() {
        List<Ip> all = new ArrayList<>(addresses.size() + 1);
        own.ifPresent(all::add);
        all.addAll(addresses);
        return all;
    }
}
