package io.terway.agent.policy;

import io.terway.linux.netlink.Address;
import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.Ip;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The kernel's. */
final class KernelConnections implements TrackedConnections {

    @Override
    public int end(Path where, Predicate<ConntrackEntry> doomed) {
        try (Conntrack conntrack = Conntrack.open(where)) {
            List<ConntrackEntry> found = new ArrayList<>();
            conntrack.forEach(entry -> {
                if (doomed.test(entry)) {
                    found.add(entry);
                }
            });
            return conntrack.delete(found);
        }
    }

    @Override
    public Set<Ip> ownAddresses(Path where) {
        Set<Ip> own = new HashSet<>();
        try (RouteSocket routes = RouteSocket.open(where)) {
            for (Address address : routes.addresses(0)) {
                own.add(address.ip());
            }
        }
        return own;
    }
}
