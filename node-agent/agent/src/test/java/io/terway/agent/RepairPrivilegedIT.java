package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.PodRef;
import io.terway.node.datapath.LinkNames;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever takes something of ours away from under the packaged agent: it comes back by itself, and nothing else changes.
 * Three pods of both families: one on a shared ENI, one with a bandwidth and a port of the node, one with an ENI of its own.
 */
@Timeout(300)
class RepairPrivilegedIT {

    private static final List<String> PODS = List.of("p0", IpamModelMain.LIMITED, IpamModelMain.ALONE);

    @TempDir
    static Path directory;

    private static NodeLab lab;
    private static final Map<String, NodeLab.Outcome> ADDED = new HashMap<>();
    private static Map<String, List<String>> before;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        lab = new NodeLab(directory, new NodeLab.Options(1, "dual", false, IpamModelMain.Kind.EVERYTHING));
        for (String pod : PODS) {
            lab.pod(pod);
            String mapping = pod.equals(IpamModelMain.LIMITED)
                    ? ",\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":30001,\"containerPort\":80,\"protocol\":\"tcp\"}]}"
                    : "";
            NodeLab.Outcome added = lab.plugin(
                    "ADD",
                    pod,
                    pod,
                    "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"type\":\"terway\"" + mapping + "}");
            assertEquals(0, added.exit(), () -> added.output() + lab.read("agent"));
            ADDED.put(pod, added);
        }
        lab.in("vpc", "ip neigh replace " + address("p0") + " lladdr 00:16:3e:00:00:0a dev eni");
        lab.in(
                "vpc",
                "ip neigh replace " + address(IpamModelMain.ALONE) + " lladdr " + IpamModelMain.OWN_ENI.getMac()
                        + " dev eni2");
        lab.await("all is in order", () -> PODS.stream().allMatch(RepairPrivilegedIT::intact));
        before = traces();
    }

    @AfterAll
    static void stop() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    private static String address(String pod) {
        return ADDED.get(pod).output().replaceAll("(?s).*\"address\":\"([0-9.]+)/32\".*", "$1");
    }

    private static String link(String pod) {
        return LinkNames.hostLink(new PodRef("default", pod), "eth0");
    }

    /** {@code LINK}, {@code ADDRESS} and {@code IPV6} are the pod's; where it is the node's, p0's. */
    static Stream<String> damages() {
        return Stream.of(
                "node ip link set LINK down",
                "node ip link set LINK mtu 1400",
                "node ip link set LINK alias other",
                "node ip link set LINK address 02:00:00:00:00:99",
                "node ip link del LINK",
                "node ip route del ADDRESS",
                "node ip route replace ADDRESS dev lo",
                "node ip -6 route del IPV6",
                "node ip rule del prio 512",
                "node ip rule del prio 2048",
                "node ip -6 rule del prio 512",
                "node ip -6 rule del prio 2048",
                "node ip neigh del ADDRESS dev LINK",
                "node ip neigh replace ADDRESS lladdr 02:00:00:00:00:99 dev LINK nud permanent",
                "node ip -6 neigh del IPV6 dev LINK",
                "node ip link set eth1 down",
                "node ip route flush table all proto 84 && ip -6 route flush table all proto 84",
                "node sysctl -qw net.ipv4.conf.LINK.rp_filter=1",
                "node sysctl -qw net.ipv4.conf.LINK.send_redirects=1",
                "node sysctl -qw net.ipv6.conf.LINK.forwarding=0",
                "node sysctl -qw net.ipv4.ip_forward=0",
                "node sysctl -qw net.ipv4.conf.all.rp_filter=1",
                "node sysctl -qw net.ipv6.conf.all.forwarding=0",
                "p0 ip link set eth0 down",
                "p0 ip addr flush dev eth0 scope global", // the kernel's own address of the link is nobody's to restore
                "p0 ip route del default",
                "p0 ip -6 route del default",
                "p0 ip neigh del 169.254.1.1 dev eth0",
                "p0 ip neigh replace 169.254.1.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent",
                "p0 ip -6 neigh del fe80::1 dev eth0",
                "p0 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1",
                // traffic control
                "p90 tc qdisc del dev eth0 root",
                "node tc qdisc del dev LIMITED root",
                "node tc qdisc replace dev LIMITED root pfifo",
                "node tc qdisc replace dev eth1 root pfifo",
                // nftables
                "node nft delete table inet terway_hostport",
                "node nft flush table inet terway_hostport",
                "node nft delete table inet terway_priority",
                "node nft flush table inet terway_priority",
                // a pod whose link is the VPC's own
                "p91 ip link set eth0 down",
                "p91 ip link set eth0 mtu 1400",
                "p91 ip addr flush dev eth0 scope global",
                "p91 ip route del default",
                "p91 ip -6 route del default",
                "p91 ip rule del prio 600",
                "p91 ip -6 route flush table 100",
                "p91 ip neigh del 169.254.1.1 dev veth1",
                "p91 sysctl -qw net.ipv4.conf.veth1.rp_filter=1",
                "p91 nft delete table inet terway_peer",
                "p91 nft flush chain inet terway_peer out",
                "p91 ip link del veth1",
                "node ip link del ALONE",
                // what a restart of the system's network does
                "node ip link set eth1 down && ip -4 rule flush protocol 84 && ip -6 rule flush protocol 84"
                        + " && ip route flush table all proto 84 && ip -6 route flush table all proto 84"
                        + " && ip link set eth1 up");
    }

    @ParameterizedTest
    @MethodSource("damages")
    void whatIsTakenAwayOrChangedComesBack(String damage) throws Exception {
        String[] words = damage.replace("LINK", link("p0"))
                .replace("ADDRESS", address("p0"))
                .replace("IPV6", ipv6("p0"))
                .replace("LIMITED", link(IpamModelMain.LIMITED))
                .replace("ALONE", link(IpamModelMain.ALONE))
                .split(" ", 2);

        NodeLab.Outcome done = lab.shell(words[0], words[1]);
        long damaged = System.nanoTime();

        assertEquals(new NodeLab.Outcome(0, ""), done);
        lab.await("repair of: " + damage, () -> PODS.stream().allMatch(RepairPrivilegedIT::intact));
        System.out.printf("%4d ms: %s%n", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - damaged), damage);
        for (String pod : List.of("p0", IpamModelMain.ALONE)) {
            lab.await(
                    "packets of " + pod + " after: " + damage,
                    () -> lab.in(pod, "ping -c 1 -W 1 " + NodeLab.GATEWAY).exit() == 0);
        }
        lab.awaitEqual("everything as before: " + damage, before, RepairPrivilegedIT::traces);
    }

    private static String ipv6(String pod) {
        return ADDED.get(pod).output().replaceAll("(?s).*\"address\":\"([0-9a-f:]+)/128\".*", "$1");
    }

    @Test
    void objectsOfOthersStay() throws Exception {
        List<String> foreign = List.of(
                "ip rule add prio 700 from 10.9.9.9 lookup 77",
                "ip route add 10.9.9.0/24 dev lo table 77",
                "ip link add other type bridge",
                "ip neigh add 10.0.64.250 lladdr 02:00:00:00:00:01 dev eth1",
                "nft add table inet other",
                "tc qdisc add dev lo root pfifo");
        foreign.forEach(command -> assertEquals(new NodeLab.Outcome(0, ""), lab.in("node", command)));
        Map<String, List<String>> withOthers = traces();
        lab.in("node", "ip rule del prio 2048");
        lab.await("the repair", () -> PODS.stream().allMatch(RepairPrivilegedIT::intact));

        lab.awaitEqual("everything as before", withOthers, RepairPrivilegedIT::traces);
        assertTrue(lab.in("node", "ip rule").output().contains("from 10.9.9.9 lookup 77"));
        Stream.of(
                        "ip rule del prio 700",
                        "ip route del 10.9.9.0/24 table 77",
                        "ip link del other",
                        "ip neigh del 10.0.64.250 dev eth1",
                        "nft delete table inet other",
                        "tc qdisc del dev lo root")
                .forEach(command -> lab.in("node", command));
    }

    private static Map<String, List<String>> traces() {
        return NodeTraces.inside(
                lab, Stream.concat(Stream.of("node"), PODS.stream()).toList());
    }

    private static boolean intact(String pod) {
        return lab.plugin("CHECK", pod, pod, "1.0.0", ADDED.get(pod).output()).exit() == 0;
    }
}
