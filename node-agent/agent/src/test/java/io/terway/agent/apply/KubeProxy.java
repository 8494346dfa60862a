package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.terway.linux.netns.Lab;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.file.Files;
import java.nio.file.Path;

/** The chains that kube-proxy 1.31 writes in iptables mode for one service. */
final class KubeProxy {

    static final int SERVICE_PORT = 80;
    static final int NODE_PORT = 30080;

    private KubeProxy() {}

    static void assumeIptables() {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/sbin/iptables-restore")),
                "the Debian package iptables is not installed");
    }

    /** The ClusterIP. */
    static Ip service(Family family) {
        return Ip.parse(family == Family.IPV4 ? "172.16.0.10" : "fd00:172:16::10");
    }

    /**
     * Writes a service with one endpoint.
     *
     * @param local externalTrafficPolicy: the source is kept
     */
    static void serve(Path host, Family family, Ip endpoint, int port, boolean local) {
        String bits = family == Family.IPV4 ? "32" : "128";
        String target = family == Family.IPV4 ? endpoint + ":" + port : "[" + endpoint + "]:" + port;
        String external = local ? "" : "-A KUBE-EXT-T -j KUBE-MARK-MASQ\n";
        String rules = """
                *nat
                :KUBE-SERVICES - [0:0]
                :KUBE-NODEPORTS - [0:0]
                :KUBE-POSTROUTING - [0:0]
                :KUBE-MARK-MASQ - [0:0]
                :KUBE-EXT-T - [0:0]
                :KUBE-SVC-T - [0:0]
                :KUBE-SEP-T - [0:0]
                -A PREROUTING -j KUBE-SERVICES
                -A OUTPUT -j KUBE-SERVICES
                -A POSTROUTING -j KUBE-POSTROUTING
                -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
                -A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
                -A KUBE-POSTROUTING -j MASQUERADE --random-fully
                -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
                -A KUBE-SERVICES -d %1$s/%2$s -p tcp -m tcp --dport %3$d -j KUBE-SVC-T
                -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
                -A KUBE-NODEPORTS -p tcp -m tcp --dport %4$d -j KUBE-EXT-T
                %5$s-A KUBE-EXT-T -j KUBE-SVC-T
                -A KUBE-SVC-T -j KUBE-SEP-T
                -A KUBE-SEP-T -s %6$s/%2$s -j KUBE-MARK-MASQ
                -A KUBE-SEP-T -p tcp -m tcp -j DNAT --to-destination %7$s
                COMMIT
                """.formatted(service(family), bits, SERVICE_PORT, NODE_PORT, external, endpoint, target);
        String program = family == Family.IPV4 ? "iptables-restore" : "ip6tables-restore";
        assertEquals("", Lab.output(host, "sh", "-c", program + " <<'END'\n" + rules + "END"));
    }
}
