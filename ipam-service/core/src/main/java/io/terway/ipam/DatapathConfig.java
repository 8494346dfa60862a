package io.terway.ipam;

import io.terway.net.Cidr;
import java.util.List;

/**
 * What agents do with packets; passed on to them as it is.
 *
 * @param serviceCidrs reached through the host
 * @param hostStackCidrs further destinations reached through the host
 * @param mtu of pod links in bytes, as far as their ENI can; 0: 1500
 * @param jumboCidrs where packets of more than 1500 bytes may go, beside the vSwitch of the ENI
 * @param autoMtu the MTU follows the node's eth0
 * @param vlanInPod members get a VLAN sub-interface in the pod; false: the tag is set on the trunk ENI
 * @param hostPeer pods with an ENI of their own have a link to the host's stack
 * @param networkPolicy NetworkPolicy is enforced
 * @param extraRoutes in every pod beside its default route
 * @param snatCidrs destinations for which packets leave with the node's address
 * @param symmetricRouting replies to NodePort traffic leave by the node's eth0
 * @param networkPriority the annotation network-priority is honoured
 * @param acceleration eBPF may be used
 * @param nativeHostPort hostPorts are forwarded without the portmap plugin
 */
public record DatapathConfig(
        List<Cidr> serviceCidrs,
        List<Cidr> hostStackCidrs,
        int mtu,
        List<Cidr> jumboCidrs,
        boolean autoMtu,
        boolean vlanInPod,
        boolean hostPeer,
        boolean networkPolicy,
        List<Cidr> extraRoutes,
        List<Cidr> snatCidrs,
        boolean symmetricRouting,
        boolean networkPriority,
        boolean acceleration,
        boolean nativeHostPort) {

    static final DatapathConfig DEFAULTS = new DatapathConfig(
            List.of(), List.of(), 0, List.of(), false, false, true, true, List.of(), List.of(), false, false, false,
            false);

    public DatapathConfig {
        serviceCidrs = List.copyOf(serviceCidrs);
        hostStackCidrs = List.copyOf(hostStackCidrs);
        jumboCidrs = List.copyOf(jumboCidrs);
        extraRoutes = List.copyOf(extraRoutes);
        snatCidrs = List.copyOf(snatCidrs);
    }
}
