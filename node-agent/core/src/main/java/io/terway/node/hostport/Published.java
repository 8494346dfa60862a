package io.terway.node.hostport;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import java.util.List;
import java.util.Optional;

/** A sandbox with the ports of the node that lead to it. */
public record Published(SandboxKey key, List<Ip> addresses, List<HostPort> ports) {

    public Published {
        addresses = List.copyOf(addresses);
        ports = List.copyOf(ports);
    }

    /** Its address of this family; a port of a family that it has none of leads nowhere. */
    Optional<Ip> address(Family family) {
        return addresses.stream().filter(ip -> ip.family() == family).findFirst();
    }
}
