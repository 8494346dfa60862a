package io.terway.node.ledger;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The node's configuration as ipam-service last gave it.
 *
 * @param revision grows with each change
 * @param families the families a pod gets an address of
 * @param serviceCidrs reached through the host
 * @param hostStackCidrs further destinations reached through the host
 * @param mtu of pod links in bytes; 0: the default of the VPC
 * @param coolDown how long a freed address rests
 * @param localAllocation true when the agent's own chooser goes first
 * @param options what it asks of the network beside addresses
 */
public record NodeConfig(
        long revision,
        NetworkMode mode,
        VirtualType virtualType,
        List<Family> families,
        List<Cidr> serviceCidrs,
        List<Cidr> hostStackCidrs,
        int mtu,
        Duration coolDown,
        boolean localAllocation,
        NetworkOptions options) {

    /** The VPC's MTU outside jumbo frames. */
    private static final int VPC_MTU = 1500;

    private static final Duration LONGEST_COOL_DOWN = Duration.ofDays(1);

    public NodeConfig {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(virtualType, "virtualType");
        Objects.requireNonNull(options, "options");
        families = List.copyOf(families);
        serviceCidrs = List.copyOf(serviceCidrs);
        hostStackCidrs = List.copyOf(hostStackCidrs);
        if (families.isEmpty() || families.stream().distinct().count() != families.size()) {
            throw new IllegalArgumentException("ip_stack needs each family once, has " + families);
        }
        if (mtu != 0 && (mtu < 1280 || mtu > 65535)) {
            throw new IllegalArgumentException("mtu " + mtu + " is not 0 or 1280..65535");
        }
        if (coolDown.isNegative() || coolDown.compareTo(LONGEST_COOL_DOWN) > 0) {
            throw new IllegalArgumentException("cool-down " + coolDown + " is not in 0.." + LONGEST_COOL_DOWN);
        }
    }

    /** With the options of a configuration that asks for nothing special. */
    public NodeConfig(
            long revision,
            NetworkMode mode,
            VirtualType virtualType,
            List<Family> families,
            List<Cidr> serviceCidrs,
            List<Cidr> hostStackCidrs,
            int mtu,
            Duration coolDown,
            boolean localAllocation) {
        this(
                revision,
                mode,
                virtualType,
                families,
                serviceCidrs,
                hostStackCidrs,
                mtu,
                coolDown,
                localAllocation,
                NetworkOptions.DEFAULTS);
    }

    /** The families of {@code ip_stack}: ipv4, ipv6 or dual. */
    public static List<Family> stack(String text) {
        return switch (text) {
            case "ipv4" -> List.of(Family.IPV4);
            case "ipv6" -> List.of(Family.IPV6);
            case "dual" -> List.of(Family.IPV4, Family.IPV6);
            default -> throw new IllegalArgumentException("ip_stack '" + text + "' is not ipv4, ipv6 or dual");
        };
    }

    /** The MTU that pod links get. */
    public int podMtu() {
        return mtu == 0 ? VPC_MTU : mtu;
    }
}
