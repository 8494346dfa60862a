package io.terway.agent.sandbox;

import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.VirtualType;
import io.terway.node.ledger.VlanStrip;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the kernel should have of a sandbox, from what the ledger holds: here the datapath is chosen. */
final class Attachments {

    private Attachments() {}

    /** Empty while the node is not configured, or does not know the sandbox's ENI. */
    static Optional<PodAttachment> of(LedgerState state, Binding binding, Datapath datapath) {
        return state.config()
                .flatMap(config -> connection(state, binding, config)
                        .map(datapath::supported)
                        .map(connection -> new PodAttachment(
                                binding.key(),
                                binding.pod().ref(),
                                binding.netns(),
                                binding.ips(),
                                connection,
                                mtu(config, datapath, connection),
                                reach(config))));
    }

    /** With auto_mtu that of the node's own link, as far as pods and their ENI can have it. */
    private static int mtu(NodeConfig config, Datapath datapath, Connection connection) {
        int uplink = datapath.uplinkMtu();
        int largest = datapath.largestMtu(connection);
        int wanted = config.options().autoMtu() && uplink >= PodAttachment.MIN_MTU && uplink <= PodAttachment.MAX_MTU
                ? uplink
                : config.podMtu();
        return largest < PodAttachment.MIN_MTU ? wanted : Math.min(wanted, largest);
    }

    private static Optional<Connection> connection(LedgerState state, Binding binding, NodeConfig config) {
        boolean hostPeer = config.options().hostPeer();
        Optional<OfferedEni> eni = state.eni(binding.eni());
        return switch (binding.attachment()) {
            case SHARED ->
                eni.map(Attachments::eni)
                        .map(e -> config.virtualType() == VirtualType.IPVLAN
                                ? new Connection.IpvlanSlave(e, hostPeer)
                                : new Connection.PolicyRoute(e));
            case EXCLUSIVE -> eni.map(e -> new Connection.ExclusiveEni(eni(e), hostPeer));
            case TRUNK_MEMBER -> eni.flatMap(e -> member(state, e, config));
            case ROUTED -> Optional.of(new Connection.VpcRoute(config.options().podCidrs()));
        };
    }

    private static Optional<Connection> member(LedgerState state, OfferedEni eni, NodeConfig config) {
        if (!(eni.role() instanceof EniRole.Member(var trunkId, int vlan))) {
            return Optional.empty();
        }
        boolean tagOutside = config.options().vlanStrip() == VlanStrip.FILTER;
        return state.eni(trunkId)
                .map(Attachments::eni)
                .map(trunk -> tagOutside
                        ? new Connection.TrunkTag(eni(eni), trunk, vlan)
                        : new Connection.TrunkVlan(
                                eni(eni), trunk, vlan, config.options().hostPeer()));
    }

    /** What leaves with the node's address goes through the host's stack too: only there it can get it. */
    private static Reach reach(NodeConfig config) {
        return new Reach(
                Stream.of(
                                config.serviceCidrs(),
                                config.hostStackCidrs(),
                                config.options().snatCidrs())
                        .flatMap(List::stream)
                        .toList(),
                config.options().extraRoutes(),
                config.options().jumboCidrs());
    }

    private static EniAttachment eni(OfferedEni eni) {
        return new EniAttachment(eni.id(), eni.mac(), eni.subnets());
    }
}
