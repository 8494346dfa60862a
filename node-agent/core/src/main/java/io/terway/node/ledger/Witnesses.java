package io.terway.node.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.hostport.HostPort;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Everybody who is asked when a ledger is made anew.
 *
 * @param old what can still be read of the ledger
 * @param kernel what it has connected
 * @param pods the pod whose link has this name, among those the API server shows on this node
 * @param exists whether a namespace does
 */
public record Witnesses(
        LedgerState old,
        View view,
        Collection<Connected> kernel,
        Function<Connected, Optional<Named>> pods,
        Predicate<Path> exists) {

    /**
     * A sandbox that the kernel has connected, in whichever way.
     *
     * @param link of the host, by which the pod's name can be guessed; where there is none, the name it would have
     * @param addresses that the host routes to it, or that its own link to the VPC has
     * @param netns the namespace that has these addresses, if it was found
     * @param hostPorts ports of the node that lead to these addresses
     * @param eni that its own link to the VPC says it is of; empty where the host's link tells of it
     */
    public record Connected(
            String containerId,
            String ifName,
            String link,
            List<Ip> addresses,
            Optional<Path> netns,
            List<HostPort> hostPorts,
            Optional<EniId> eni) {

        public Connected {
            addresses = List.copyOf(addresses);
            hostPorts = List.copyOf(hostPorts);
        }

        /** One to which no port of the node leads. */
        public Connected(String containerId, String ifName, String link, List<Ip> addresses, Optional<Path> netns) {
            this(containerId, ifName, link, addresses, netns, List.of(), Optional.empty());
        }

        /** The same, with the ports of the node that lead to it. */
        public Connected at(List<HostPort> ports) {
            return new Connected(containerId, ifName, link, addresses, netns, ports, eni);
        }

        /** The same, with these addresses. */
        Connected with(List<Ip> others) {
            return new Connected(containerId, ifName, link, others, netns, hostPorts, eni);
        }

        boolean is(SandboxKey key) {
            return key.containerId().equals(containerId) && key.ifName().equals(ifName);
        }
    }

    /**
     * A pod of the node.
     *
     * @param fixed whether its annotations ask for a fixed address, which it then has: it is never given another one
     */
    public record Named(PodLife life, boolean fixed) {}

    /**
     * What ipam-service knew.
     *
     * @param known false: nothing; what is offered is then what the cloud shows, which only the kernel's sandboxes may use
     * @param bindings their namespace and time are of no meaning
     */
    public record View(boolean known, List<Binding> bindings, List<OfferedEni> enis, List<OfferedAddress> offered) {

        public View {
            bindings = List.copyOf(bindings);
            enis = List.copyOf(enis);
            offered = List.copyOf(offered);
        }
    }
}
