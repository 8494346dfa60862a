package io.terway.policy;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SecurityGroupId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What policy needs of a pod.
 *
 * @param ref namespace and name
 * @param uid which life of that name
 * @param labels its labels
 * @param node where it is scheduled; empty while it is not
 * @param ips its addresses, at most one per family; empty before it has one
 * @param hostNetwork it uses the node's network: neither subject nor peer, its address is the node's
 * @param finished Succeeded or Failed: neither subject nor peer, its address may be another pod's already
 * @param ports its named container ports
 * @param securityGroups groups its annotation asks for on an ENI of its own; empty: none
 */
public record PolicyPod(
        PodRef ref,
        String uid,
        Map<String, String> labels,
        Optional<NodeName> node,
        List<Ip> ips,
        boolean hostNetwork,
        boolean finished,
        List<NamedPort> ports,
        List<SecurityGroupId> securityGroups) {

    /** A container port that has a name. Several containers may use one name with different numbers. */
    public record NamedPort(String name, Protocol protocol, int number) {}

    public PolicyPod {
        labels = Map.copyOf(labels);
        ips = List.copyOf(ips);
        ports = List.copyOf(ports);
        securityGroups = List.copyOf(securityGroups);
    }

    /** True when policies can select it, as subject or as peer. */
    public boolean selectable() {
        return !hostNetwork && !finished;
    }

    /** Numbers of the container ports with this name and protocol. */
    public List<Integer> numbersOf(PortMatch.Named port) {
        return ports.stream()
                .filter(p -> p.name().equals(port.name()) && p.protocol() == port.protocol())
                .map(NamedPort::number)
                .distinct()
                .sorted()
                .toList();
    }
}
