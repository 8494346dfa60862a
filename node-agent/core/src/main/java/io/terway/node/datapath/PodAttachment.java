package io.terway.node.datapath;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * One pod sandbox to be connected to the VPC.
 *
 * @param key the attachment; its container id marks the kernel objects, its ifName is the link inside the pod
 * @param pod names the host link
 * @param netns path of the sandbox's network namespace
 * @param addresses one per family, at least one
 * @param connection the datapath
 * @param mtu of its links, in bytes
 * @param reach what it reaches in other ways than by the VPC
 */
public record PodAttachment(
        SandboxKey key, PodRef pod, Path netns, List<Ip> addresses, Connection connection, int mtu, Reach reach) {

    /** IPv6 needs 1280 (RFC 8200); the kernel's veth takes up to 65535. */
    public static final int MIN_MTU = 1280;

    public static final int MAX_MTU = 65535;

    public PodAttachment {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(netns, "netns");
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(reach, "reach");
        addresses = List.copyOf(addresses);
        long families = addresses.stream().map(Ip::family).distinct().count();
        if (addresses.isEmpty() || families != addresses.size()) {
            throw new IllegalArgumentException(pod + " needs one address per family, has " + addresses);
        }
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new IllegalArgumentException("MTU " + mtu + " of " + pod + " is not in " + MIN_MTU + ".." + MAX_MTU);
        }
    }

    /** The same with links that carry at most this much. */
    public PodAttachment atMost(int largest) {
        return largest < MIN_MTU || largest >= mtu
                ? this
                : new PodAttachment(key, pod, netns, addresses, connection, largest, reach);
    }

    /** The families this pod has an address of. */
    public List<Family> families() {
        return addresses.stream().map(Ip::family).toList();
    }

    /** Where the pod's default route of this family leads. */
    public Ip gateway(Family family) {
        return switch (connection) {
            case Connection.PolicyRoute _, Connection.VpcRoute _, Connection.TrunkTag _ ->
                Conventions.podGateway(family);
            case Connection.NicInPod nic ->
                nic.eni()
                        .gateway(family)
                        .orElseThrow(() -> new IllegalArgumentException(
                                nic.eni().id() + " has no subnet of " + family + ", which " + pod + " needs"));
        };
    }
}
