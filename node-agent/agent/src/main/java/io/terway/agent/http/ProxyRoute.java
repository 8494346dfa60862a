package io.terway.agent.http;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Request;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netlink.Rule;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.policy.L7Marks;
import java.nio.file.Path;
import java.util.List;

/** Makes packets with the proxy's mark come to this namespace's own sockets, whatever address they are for. */
final class ProxyRoute {

    /** Before the rules of pods. */
    private static final int PRIORITY = 400;

    private static final int TABLE = 101;

    /** Not the datapath's: it takes away what bears its number and is not in its plan. */
    private static final int PROTOCOL = 85;

    private static final int LOCAL = 2;
    private static final int SCOPE_HOST = 254;

    private ProxyRoute() {}

    /** Idempotent. A family that the kernel does not have is left out. */
    static void ensure(Path netns) {
        try (RouteSocket socket = RouteSocket.open(netns)) {
            int loopback = socket.link("lo").orElseThrow().index();
            for (Family family : Family.values()) {
                try {
                    socket.execute(requests(family, loopback));
                } catch (KernelRefusal e) {
                    if (family == Family.IPV4) {
                        throw e;
                    }
                }
            }
        }
    }

    private static List<Request> requests(Family family, int loopback) {
        Cidr everything = new Cidr(new Ip(family, 0, 0), 0);
        int scope = family == Family.IPV4 ? SCOPE_HOST : 0;
        Route route = new Route(everything, null, loopback, TABLE, PROTOCOL, scope, LOCAL, false, null, 0, 0, 0);
        Rule rule = Rule.lookup(family, PRIORITY, TABLE)
                .mark(L7Marks.REDIRECT_BIT, L7Marks.REDIRECT_BIT)
                .protocol(PROTOCOL);
        return List.of(route.replace(), rule.add());
    }
}
