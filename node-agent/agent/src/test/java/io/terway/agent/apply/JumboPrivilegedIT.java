package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.terway.linux.netns.Lab;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Jumbo frames, with packets that must not be fragmented: the VPC carries 8500 bytes, the world outside 1500. */
class JumboPrivilegedIT {

    private static final int JUMBO = 8500;
    private static final int ATTEMPTS = 15;
    private static final Ip OUTSIDE_V4 = Ip.parse("203.0.113.5");
    private static final Ip OUTSIDE_V6 = Ip.parse("2001:db8::5");
    private static final Ip OTHER_V4 = Ip.parse("10.0.128.5");
    private static final Ip OTHER_V6 = Ip.parse("fd00:128::5");
    private static final Ip NARROW_V4 = Ip.parse("10.0.129.9");
    private static final Ip NARROW_V6 = Ip.parse("fd00:129::9");
    private static final Reach REACH =
            new Reach(List.of(), List.of(), List.of(Cidr.parse("10.0.128.0/17"), Cidr.parse("fd00:128::/31")));

    private OneNode node;
    private DatapathApplier applier;

    @BeforeEach
    void aVpcWithJumboFrames() {
        node = new OneNode();
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        Path narrow = node.lab.netns("narrow");
        on(node.vpc, "ip link set port mtu 8500", "ip link set port0 mtu 8500");
        for (Ip ip : List.of(OUTSIDE_V4, OTHER_V4)) {
            on(node.vpc, "ip addr add " + ip + "/32 dev lo");
        }
        for (Ip ip : List.of(OUTSIDE_V6, OTHER_V6)) {
            on(node.vpc, "ip -6 addr add " + ip + "/128 dev lo nodad");
        }
        on(
                node.vpc,
                "ip link add narrow type veth peer name wide netns " + narrow,
                "ip link set narrow up",
                "ip addr add 10.0.129.1/24 dev narrow",
                "ip -6 addr add fd00:129::1/64 dev narrow nodad");
        on(
                narrow,
                "ip link set wide up",
                "ip addr add " + NARROW_V4 + "/24 dev wide",
                "ip -6 addr add " + NARROW_V6 + "/64 dev wide nodad",
                "ip route add default via 10.0.129.1",
                "ip -6 route add default via fd00:129::1");
    }

    @AfterEach
    void leaveNothing() {
        if (applier != null) {
            applier.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private static void on(Path netns, String... commands) {
        for (String command : commands) {
            assertEquals("", Lab.output(netns, command.split(" ")), command);
        }
    }

    static Stream<Connection> connections() {
        return Stream.of(
                new Connection.PolicyRoute(OneNode.ENI),
                new Connection.ExclusiveEni(OneNode.ENI, false),
                new Connection.ExclusiveEni(OneNode.ENI, true));
    }

    private PodAttachment plumbed(Connection connection) {
        PodAttachment plain = node.pod("a", 11);
        PodAttachment pod =
                new PodAttachment(plain.key(), plain.pod(), plain.netns(), plain.addresses(), connection, JUMBO, REACH);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
        return pod;
    }

    /** One packet of this size, headers included, there and back, not to be fragmented. */
    private static String ping(PodAttachment pod, Ip to, int bytes) {
        boolean four = to.family() == Family.IPV4;
        int payload = bytes - (four ? 28 : 48);
        List<String> command = new ArrayList<>(List.of("ping", four ? "-4" : "-6", "-M", "do", "-c", "1", "-W", "2"));
        command.addAll(List.of("-s", Integer.toString(payload), to.toString()));
        return Lab.output(pod.netns(), command.toArray(String[]::new));
    }

    /** Asked again until it says so: one packet decides nothing, it may be lost or its refusal held back. */
    private static void says(PodAttachment pod, Ip to, int bytes, Predicate<String> expected) {
        String said = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            said = ping(pod, to, bytes);
            if (expected.test(said)) {
                return;
            }
        }
        fail(bytes + " bytes to " + to + ": " + said);
    }

    private static void passes(PodAttachment pod, Ip to, int bytes) {
        says(pod, to, bytes, said -> said.contains(" 0% packet loss"));
    }

    private static void isTooLong(PodAttachment pod, Ip to, int bytes) {
        says(pod, to, bytes, said -> said.contains("1500") && said.contains("100% packet loss"));
    }

    @ParameterizedTest
    @MethodSource("connections")
    void largePacketsPassInsideTheVpcAndSmallOnesOutside(Connection connection) {
        PodAttachment pod = plumbed(connection);

        for (Family family : Family.values()) {
            boolean four = family == Family.IPV4;
            passes(pod, OneNode.ENI.gateway(family).orElseThrow(), JUMBO);
            passes(pod, four ? OTHER_V4 : OTHER_V6, JUMBO);
            passes(pod, four ? OUTSIDE_V4 : OUTSIDE_V6, 1500);
            isTooLong(pod, four ? OUTSIDE_V4 : OUTSIDE_V6, 1501);
        }
        assertEquals(new CheckResult.Intact(), applier.check(pod));
        assertEquals(
                0,
                assertInstanceOf(AddResult.Plumbed.class, applier.add(pod))
                        .stages()
                        .operations());
    }

    @ParameterizedTest
    @MethodSource("connections")
    void peersOutsideAreToldTheSegmentsThatPassThere(Connection connection) {
        PodAttachment pod = plumbed(connection);
        on(
                node.vpc,
                "nft add table inet m",
                "nft add chain inet m in { type filter hook prerouting priority raw; }",
                "nft add rule inet m in ip daddr " + OUTSIDE_V4 + " tcp option maxseg size 1460 counter accept",
                "nft add rule inet m in ip6 daddr " + OUTSIDE_V6 + " tcp option maxseg size 1440 counter accept",
                "nft add rule inet m in ip daddr " + OTHER_V4 + " tcp option maxseg size 8460 counter accept");

        OneNode.talk(pod.netns(), node.vpc, OUTSIDE_V4);
        OneNode.talk(pod.netns(), node.vpc, OUTSIDE_V6);
        OneNode.talk(pod.netns(), node.vpc, OTHER_V4);

        String counted = Lab.output(node.vpc, "nft", "list", "table", "inet", "m");
        assertFalse(counted.contains("packets 0"), counted);
    }

    @ParameterizedTest
    @MethodSource("connections")
    void aNarrowPlaceInsideTheVpcIsFoundOut(Connection connection) {
        PodAttachment pod = plumbed(connection);

        for (Ip to : List.of(NARROW_V4, NARROW_V6)) {
            isTooLong(pod, to, JUMBO);
            passes(pod, to, 1500);
        }
    }

    @Test
    void anEniWhoseMtuOthersLoweredIsSeenAndMended() {
        PodAttachment pod = plumbed(new Connection.PolicyRoute(OneNode.ENI));
        assertTrue(applier.quickLook(List.of(pod)).enisIntact());

        on(node.host, "ip link set eth1 mtu 1500");

        assertFalse(applier.quickLook(List.of(pod)).enisIntact());
        assertInstanceOf(CheckResult.Differs.class, applier.check(pod));
        assertInstanceOf(EniResult.Ready.class, applier.ensureEni(OneNode.ENI));
        assertEquals(new CheckResult.Intact(), applier.check(pod));
        passes(pod, OneNode.V4.vSwitchGateway(), JUMBO);
    }

    @Test
    void aRouteWhoseMetricsOthersChangedIsSeenAndMended() {
        PodAttachment pod = plumbed(new Connection.PolicyRoute(OneNode.ENI));
        for (String route : List.of(
                "ip route replace default via 169.254.1.1 dev eth0 onlink proto 84 mtu 8500",
                "ip route replace default via 169.254.1.1 dev eth0 onlink proto 84 mtu 1500 advmss 9000",
                "ip -6 route replace default via fe80::1 dev eth0 onlink proto 84 mtu 8500")) {
            on(pod.netns(), route);

            assertInstanceOf(CheckResult.Differs.class, applier.check(pod), route);
            assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
            assertEquals(new CheckResult.Intact(), applier.check(pod));
        }
    }

    @Test
    void theLargestMtuOfAnEniIsKnown() {
        Connection connection = new Connection.PolicyRoute(OneNode.ENI);
        assertEquals(0, applier.largestMtu(connection), "before it was looked at");

        applier.ensureEni(OneNode.ENI);

        assertEquals(65535, applier.largestMtu(connection));
    }
}
