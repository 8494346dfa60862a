package io.terway.node.ledger;

import io.terway.net.Cidr;
import java.util.List;
import java.util.Objects;

/**
 * What a node's configuration asks of the network beside addresses.
 *
 * @param capacity pods the node can hold an address for; 0 while unknown
 * @param podCidrs the node's pod CIDRs in VPC mode, at most one per family
 * @param vlanStrip in Trunk mode
 * @param hostPeer pods with a link of the VPC's get a second one to the host's stack
 * @param policy NetworkPolicy is enforced
 * @param extraRoutes in every pod beside its default route
 * @param snatCidrs destinations for which a pod's packets leave with the node's address
 * @param symmetricRouting replies to traffic that came in through the node's own link leave there
 * @param networkPriority the pods' priority annotation is honoured
 * @param autoMtu the MTU follows the node's own link
 * @param acceleration eBPF may be used where the kernel has it
 * @param nativeHostPort the agent forwards host ports by itself
 * @param jumboCidrs where packets of more than 1500 bytes may go, beside the vSwitch of the ENI
 */
public record NetworkOptions(
        int capacity,
        List<Cidr> podCidrs,
        VlanStrip vlanStrip,
        boolean hostPeer,
        boolean policy,
        List<Cidr> extraRoutes,
        List<Cidr> snatCidrs,
        boolean symmetricRouting,
        boolean networkPriority,
        boolean autoMtu,
        boolean acceleration,
        boolean nativeHostPort,
        List<Cidr> jumboCidrs) {

    /** What a configuration that says nothing means. */
    public static final NetworkOptions DEFAULTS = new NetworkOptions(
            0,
            List.of(),
            VlanStrip.FILTER,
            true,
            true,
            List.of(),
            List.of(),
            false,
            false,
            false,
            false,
            false,
            List.of());

    /**
     * What a configuration means that was written by a release without options. That release judged no packet, and its
     * pods run: to isolate them until ipam-service has said more would cut them off by an upgrade.
     */
    static final NetworkOptions BEFORE_TAILS = new NetworkOptions(
            0,
            List.of(),
            VlanStrip.FILTER,
            true,
            false,
            List.of(),
            List.of(),
            false,
            false,
            false,
            false,
            false,
            List.of());

    public NetworkOptions {
        Objects.requireNonNull(vlanStrip, "vlanStrip");
        podCidrs = List.copyOf(podCidrs);
        extraRoutes = List.copyOf(extraRoutes);
        snatCidrs = List.copyOf(snatCidrs);
        jumboCidrs = List.copyOf(jumboCidrs);
        if (capacity < 0) {
            throw new IllegalArgumentException("capacity " + capacity + " is negative");
        }
        if (podCidrs.stream().map(Cidr::family).distinct().count() != podCidrs.size()) {
            throw new IllegalArgumentException("pod CIDRs " + podCidrs + " hold two of one family");
        }
    }
}
