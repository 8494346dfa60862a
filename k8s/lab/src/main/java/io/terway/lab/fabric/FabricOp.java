package io.terway.lab.fabric;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.util.List;

/** One change of the router. */
public sealed interface FabricOp {

    /** One that is lines for {@code ip -batch} in the router. */
    sealed interface OfRouter extends FabricOp {}

    /** Makes the veth pair: the router's link with the ENI's id as alias, and the ENI in the node's namespace. */
    record PlugPort(EniId eni, Mac mac, NodeName node, boolean primary, boolean ipv6) implements OfRouter {}

    /** Makes a member's pair, both ends in the router. */
    record PlugMember(EniId eni, boolean ipv6) implements OfRouter {}

    /** Joins a member's pair to its trunk's link. The last step of plugging it: from then on it counts as plugged. */
    record BindTag(EniId eni, Mac mac, Plug.Tag tag) implements FabricOp {}

    /** Frames of this tag are no longer taken from the trunk. */
    record UnbindTag(Plug.Tag tag) implements FabricOp {}

    /** Gives the primary ENI what the machine image would: address, link up, default route. */
    record ConfigurePrimary(NodeName node, Ip address, Cidr subnet) implements FabricOp {}

    /** Deletes these links of the router at once, by group; the other ends go with them. */
    record UnplugPorts(List<String> links) implements OfRouter {
        public UnplugPorts {
            links = List.copyOf(links);
        }
    }

    record AddGateway(Ip gateway) implements OfRouter {}

    record RemoveGateway(Ip gateway) implements OfRouter {}

    record AddNeighbour(String link, Ip ip, Mac mac) implements OfRouter {}

    record RemoveNeighbour(String link, Ip ip) implements OfRouter {}

    /** The router answers neighbour solicitations for this address on this link. */
    record Answer(String link, Ip ip) implements OfRouter {}

    record StopAnswering(String link, Ip ip) implements OfRouter {}

    record AddRoute(String link, Port.Route route) implements OfRouter {}

    record RemoveRoute(String link, Port.Route route) implements OfRouter {}

    /** IP packets from {@code source} may leave this ENI under its MAC. */
    record Allow(String link, Mac mac, Cidr source) implements FabricOp {}

    record Forbid(String link, Mac mac, Cidr source) implements FabricOp {}
}
