package io.terway.agent.policy;

import io.terway.linux.netlink.ConntrackEntry;
import io.terway.net.Ip;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;

/** Port: the connections that namespaces track. The kernel in production, a model of it in tests. One thread. */
interface TrackedConnections {

    /**
     * Ends those that are doomed; says how many there were.
     *
     * @throws io.terway.linux.ffm.KernelRefusal when they cannot be seen or ended
     */
    int end(Path where, Predicate<ConntrackEntry> doomed);

    /** The addresses of the namespace itself. */
    Set<Ip> ownAddresses(Path where);
}
