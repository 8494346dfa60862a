package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.PodRef;
import io.terway.node.datapath.LinkNames;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever takes something of ours away from under the packaged agent: it comes back by itself, and nothing else changes. */
@Timeout(180)
class RepairPrivilegedIT {

    private static final String POD = "p0";
    private static final String LINK = LinkNames.hostLink(new PodRef("default", POD), "eth0");

    @TempDir
    static Path directory;

    private static NodeLab lab;
    private static NodeLab.Outcome added;
    private static String address;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        lab = new NodeLab(directory);
        lab.pod(POD);
        added = lab.plugin("ADD", "c0", POD, "1.0.0", "");
        assertEquals(0, added.exit(), added::output);
        address = lab.in(POD, "ip -4 -o addr show eth0").output().replaceAll("(?s).*inet ([0-9.]+)/32.*", "$1");
        lab.in("vpc", "ip neigh replace " + address + " lladdr 00:16:3e:00:00:0a dev eni");
    }

    @AfterAll
    static void stop() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node ip link set LINK down",
                "node ip link set LINK mtu 1400",
                "node ip link set LINK alias other",
                "node ip link set LINK address 02:00:00:00:00:99",
                "node ip link del LINK",
                "node ip route del ADDRESS",
                "node ip route replace ADDRESS dev lo",
                "node ip rule del prio 512",
                "node ip rule del prio 2048",
                "node ip neigh del ADDRESS dev LINK",
                "node ip neigh replace ADDRESS lladdr 02:00:00:00:00:99 dev LINK nud permanent",
                "node ip link set eth1 down",
                "node ip route flush proto 84",
                "node ip route flush table all proto 84",
                "node sysctl -qw net.ipv4.conf.LINK.rp_filter=1",
                "node sysctl -qw net.ipv4.conf.LINK.send_redirects=1",
                "node sysctl -qw net.ipv4.ip_forward=0",
                "node sysctl -qw net.ipv4.conf.all.rp_filter=1",
                "p0 ip link set eth0 down",
                "p0 ip addr flush dev eth0",
                "p0 ip route del default",
                "p0 ip neigh del 169.254.1.1 dev eth0",
                "p0 ip neigh replace 169.254.1.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent"
            })
    void whatIsTakenAwayOrChangedComesBack(String damage) throws Exception {
        String[] words =
                damage.replace("LINK", LINK).replace("ADDRESS", address).split(" ", 2);

        NodeLab.Outcome done = lab.in(words[0], words[1]);

        assertEquals(new NodeLab.Outcome(0, ""), done);
        lab.await("repair of: " + damage, () -> intact());
        lab.await(
                "packets after: " + damage,
                () -> lab.in(POD, "ping -c 1 -W 1 " + NodeLab.GATEWAY).exit() == 0);
    }

    @Test
    void objectsOfOthersStay() throws Exception {
        List<String> foreign = List.of(
                "ip rule add prio 700 from 10.9.9.9 lookup 77",
                "ip route add 10.9.9.0/24 dev lo table 77",
                "ip link add other type bridge",
                "ip neigh add 10.0.64.250 lladdr 02:00:00:00:00:01 dev eth1");
        foreign.forEach(command -> assertEquals(new NodeLab.Outcome(0, ""), lab.in("node", command)));
        lab.in("node", "ip rule del prio 2048");
        lab.await("the repair", () -> intact());

        assertTrue(lab.in("node", "ip rule").output().contains("from 10.9.9.9 lookup 77"));
        assertTrue(lab.in("node", "ip route show table 77").output().contains("10.9.9.0/24"));
        assertTrue(lab.in("node", "ip neigh").output().contains("02:00:00:00:00:01"));
        assertEquals(0, lab.in("node", "ip link show other").exit());
    }

    private static boolean intact() {
        return lab.plugin("CHECK", "c0", POD, "1.0.0", added.output()).exit() == 0;
    }
}
