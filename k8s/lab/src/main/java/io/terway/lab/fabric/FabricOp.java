package io.terway.lab.fabric;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.util.List;

/** One change of the router. */
public sealed interface FabricOp {

    /** Makes the veth pair: the router's link with the ENI's id as alias, and the ENI in the node's namespace. */
    record PlugPort(EniId eni, Mac mac, NodeName node, boolean primary) implements FabricOp {}

    /** Gives the primary ENI what the machine image would: address, link up, default route. */
    record ConfigurePrimary(NodeName node, Ip address, Cidr subnet) implements FabricOp {}

    /** Deletes these links of the router at once, by group; the other ends go with them. */
    record UnplugPorts(List<String> links) implements FabricOp {
        public UnplugPorts {
            links = List.copyOf(links);
        }
    }

    record AddGateway(Ip gateway) implements FabricOp {}

    record RemoveGateway(Ip gateway) implements FabricOp {}

    record AddNeighbour(String link, Ip ip, Mac mac) implements FabricOp {}

    record RemoveNeighbour(String link, Ip ip) implements FabricOp {}

    record AddRoute(String link, Port.Route route) implements FabricOp {}

    record RemoveRoute(String link, Port.Route route) implements FabricOp {}

    /** IP packets from {@code source} may leave this ENI under its MAC. */
    record Allow(String link, Mac mac, Cidr source) implements FabricOp {}

    record Forbid(String link, Mac mac, Cidr source) implements FabricOp {}
}
