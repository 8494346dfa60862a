package io.terway.bench.datapath;

import io.terway.bench.OwnHost;

/**
 * What the kernel gives without anybody's network plugin: two pods routed over veth pairs on one host; one on each of two
 * hosts that a router joins; two whose only link leads to the router; and two that are joined by one pair, which nothing
 * can undercut. No rule, no connection tracking.
 */
final class PlainHost implements AutoCloseable {

    static final String SUBJECT = "plain veth routing";
    static final String ROUTER_ONLY = "plain, router only";

    private static final int PORT = 7000;

    private static final String SCRIPT = """
            forwarding() { ip netns exec $1 sysctl -qw net.ipv4.ip_forward=1; }
            space() { ip netns add $1; ip -n $1 link set lo up; }
            pod() { # node pod address
              space $2
              ip -n $1 link add $2 address 02:00:00:00:00:01 type veth peer name eth0 netns $2
              ip -n $1 link set $2 up
              ip -n $2 link set eth0 up
              ip -n $2 addr add $3/32 dev eth0
              ip -n $2 neigh add 169.254.1.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
              ip -n $2 route add default via 169.254.1.1 dev eth0 onlink
              ip -n $1 route add $3 dev $2
            }
            joined() { # router link prefix other
              ip -n $1 link add $2 type veth peer name eth0 netns $4
              ip -n $1 link set $2 up
              ip -n $4 link set eth0 up
              ip -n $1 addr add $3.1/24 dev $2
              ip -n $4 addr add $3.2/24 dev eth0
              ip -n $4 route add default via $3.1
            }
            for s in host n1 n2 router y1 y2; do space $s; forwarding $s; done
            space d1
            space d2
            ip -n d1 link add eth0 type veth peer name eth0 netns d2
            for i in 1 2; do
              ip -n d$i addr add 10.5.0.$i/24 dev eth0
              ip -n d$i link set eth0 up
            done
            pod host s1 10.1.0.1
            pod host s2 10.1.0.2
            for i in 1 2; do
              joined router e$i 10.2.$i n$i
              joined router f$i 10.4.$i y$i
              pod n$i x$i 10.3.$i.1
              ip -n router route add 10.3.$i.0/24 via 10.2.$i.2
            done
            """;

    private final OwnHost host = OwnHost.start("plain routing", SCRIPT);

    Traffic.Way sameNode() {
        return way(SUBJECT, "s1", "s2", "10.1.0.1");
    }

    Traffic.Way onePair() {
        return way("one veth pair, no host", "d1", "d2", "10.5.0.1");
    }

    Traffic.Way across() {
        return way(SUBJECT, "x1", "x2", "10.3.1.1");
    }

    Traffic.Way routerOnly() {
        return way(ROUTER_ONLY, "y1", "y2", "10.4.1.2");
    }

    private Traffic.Way way(String subject, String server, String client, String address) {
        return new Traffic.Way(subject, host.place(), "/run/netns/" + server, "/run/netns/" + client, address, PORT);
    }

    @Override
    public void close() {
        host.close();
    }
}
