package io.terway.lab.cluster;

import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.nio.file.Path;

/**
 * A node of the lab: an instance of the simulated cloud, and a network namespace.
 *
 * @param ip the primary address of the instance's primary ENI
 * @param podCidr the node's spec.podCIDR, which only VPC mode uses
 */
public record LabNode(NodeName name, ZoneId zone, Ip ip, InstanceId instanceId, InstanceType type, Cidr podCidr) {

    /** Where `ip netns` looks for namespaces; private to the lab. */
    public static final Path NETNS_DIRECTORY = Path.of("/run/netns");

    /** Name of the n-th node, from 1. */
    public static NodeName nameOf(int number) {
        return new NodeName("node-" + number);
    }

    /** 192.168.0.0/16 is outside the VPC and the service CIDR: 256 blocks, more than a lab has nodes. */
    public static Cidr podCidrOf(int number) {
        return new Cidr(Ip.parse("192.168." + number + ".0"), 24);
    }

    /** The node's network namespace as a file. */
    public Path netns() {
        return NETNS_DIRECTORY.resolve(name.value());
    }
}
