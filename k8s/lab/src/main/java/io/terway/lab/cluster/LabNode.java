package io.terway.lab.cluster;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A node of the lab: an instance of the simulated cloud, and a network namespace.
 *
 * @param ips of the instance's primary ENI: the IPv4 one first, then the IPv6 one if there is any
 * @param podCidrs the node's spec.podCIDRs, one per family of the pods; only VPC mode uses them
 */
public record LabNode(
        NodeName name, ZoneId zone, List<Ip> ips, InstanceId instanceId, InstanceType type, List<Cidr> podCidrs) {

    /** Where `ip netns` looks for namespaces; private to the lab. */
    public static final Path NETNS_DIRECTORY = Path.of("/run/netns");

    /** Name of the n-th node, from 1. */
    public static NodeName nameOf(int number) {
        return new NodeName("node-" + number);
    }

    public LabNode {
        ips = List.copyOf(ips);
        podCidrs = List.copyOf(podCidrs);
    }

    /** The IPv4 address, by which the parts of the system talk. */
    public Ip ip() {
        return ips.getFirst();
    }

    /** The address of this family. */
    public Optional<Ip> ip(Family family) {
        return ips.stream().filter(ip -> ip.family() == family).findFirst();
    }

    /** 192.168.0.0/16 is outside the VPC and the service CIDR: 256 blocks, more than a lab has nodes. */
    public static List<Cidr> podCidrsOf(int number, ClusterSpec.Stack stack) {
        return stack.families().stream()
                .map(family -> switch (family) {
                    case IPV4 -> new Cidr(Ip.parse("192.168." + number + ".0"), 24);
                    case IPV6 -> new Cidr(Ip.parse("fd00:192:168:" + number + "::"), 64);
                })
                .toList();
    }

    /** The node's network namespace as a file. */
    public Path netns() {
        return NETNS_DIRECTORY.resolve(name.value());
    }
}
