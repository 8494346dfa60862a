package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.List;

/**
 * The datapaths whose pod link is the VPC's own (the ENI itself, a VLAN of the trunk, an IPVlan slave): the pod's
 * packets leave by it and never meet the host's stack, except by the host peer.
 */
public final class NicInPod {

    private NicInPod() {}

    /**
     * What a pod needs.
     *
     * @param parent the name of the ENI's link on the host; of no interest when it is in the pod already
     * @param node the node's own addresses
     */
    public static Wiring wanted(PodAttachment pod, Connection.NicInPod connection, String parent, List<Ip> node) {
        LinkEntry nic = nic(pod, connection);
        List<Wire> wires = new ArrayList<>();
        wires.add(
                switch (connection) {
                    case Connection.ExclusiveEni _ -> new Wire.Moved(parent, nic);
                    case Connection.TrunkVlan(var _, var _, int vlan, var _) ->
                        new Wire.Child(parent, new Wire.Slice.Vlan(vlan), nic);
                    case Connection.IpvlanSlave _ -> new Wire.Child(parent, new Wire.Slice.Ipvlan(), nic);
                });
        NetnsState.Builder inside = new NetnsState.Builder();
        NetnsState.Builder host = new NetnsState.Builder();
        nic(inside, pod, connection, nic);
        if (connection.hostPeer()) {
            wires.add(HostPeer.wire(pod));
            HostPeer.pod(inside, pod, node);
            HostPeer.host(host, pod, node);
        }
        return new Wiring(wires, new DatapathState(host.build(), inside.build()));
    }

    private static LinkEntry nic(PodAttachment pod, Connection.NicInPod connection) {
        // The alias finds an ENI in a pod again, whatever the pod calls it, and the pod when everything else is lost.
        String name = LinkNames.hostLink(pod.pod(), pod.key().ifName());
        String alias = connection instanceof Connection.ExclusiveEni
                ? Conventions.eniAlias(connection.eni().id(), pod.key(), name)
                : Conventions.slaveAlias(connection.eni().id(), pod.key(), name);
        // An IPVlan slave cannot have another MAC than its parent, a VLAN has that of the member it stands for.
        return new LinkEntry(pod.key().ifName(), connection.eni().mac(), pod.mtu(), true, alias);
    }

    private static void nic(NetnsState.Builder side, PodAttachment pod, Connection.NicInPod connection, LinkEntry nic) {
        side.link(nic);
        for (Ip ip : pod.addresses()) {
            PodLink.sysctls(side, ip.family(), nic.name());
            side.address(new AddressEntry(nic.name(), ip, prefixLength(connection, ip)));
            List<Cidr> connected = connection instanceof Connection.IpvlanSlave
                    ? connection.eni().subnets()
                    : List.of();
            WayOut.routes(side, pod, ip.family(), nic.name(), connected);
        }
    }

    /** Slaves of one parent reach each other inside the kernel only as neighbours; the VPC turns nothing back to its ENI. */
    private static int prefixLength(Connection.NicInPod connection, Ip ip) {
        return switch (connection) {
            case Connection.ExclusiveEni _, Connection.TrunkVlan _ ->
                ip.family().bits();
            case Connection.IpvlanSlave(EniAttachment eni, boolean _) ->
                eni.subnets().stream()
                        .filter(s -> s.contains(ip))
                        .findFirst()
                        .map(Cidr::prefixLength)
                        .orElse(ip.family().bits());
        };
    }
}
