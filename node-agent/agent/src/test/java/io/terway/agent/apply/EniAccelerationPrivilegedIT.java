package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.bpf.TcxVandal;
import io.terway.linux.netns.Lab;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections between a pod and the VPC, by the ENI's link. */
class EniAccelerationPrivilegedIT {

    private static final Ip SERVICE = Ip.parse("172.16.0.10");

    private AcceleratedNode node;

    @BeforeEach
    void aNode() {
        node = AcceleratedNode.open();
    }

    @AfterEach
    void leaveNothing() {
        if (node != null) {
            node.close();
        }
    }

    private static Ip gateway(Family family) {
        return (family == Family.IPV4 ? OneNode.V4 : OneNode.V6).vSwitchGateway();
    }

    private Echo out(Family family) {
        return Echo.direct(node.from(), node.node.vpc, gateway(family));
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void establishedConnectionsIntoTheVpcSkipTheStackBothWaysAndEndAsTheyShould(Family family) throws Exception {
        try (Echo echo = out(family)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);
            echo.bulk(4 << 20);
        }
        node.awaitShortcuts(0);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void establishedConnectionsFromTheVpcSkipTheStackBothWaysAndEndAsTheyShould(Family family) throws Exception {
        try (Echo echo = Echo.direct(node.node.vpc, node.to(), node.toAddress(family))) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);
            echo.bulk(4 << 20);
        }
        node.awaitShortcuts(0);
    }

    @Test
    void aServiceWhoseEndpointIsBeyondTheEniTakesTheStack() throws Exception {
        node.nft("table ip proxy { chain pre { type nat hook prerouting priority dstnat; ip daddr " + SERVICE
                + " tcp dport 80 dnat to " + gateway(Family.IPV4) + ":" + Echo.PORT + "; }; }");
        try (Echo echo = Echo.translated(node.from(), SERVICE, 80, node.node.vpc, gateway(Family.IPV4))) {
            node.assertForwarded(echo);
            assertEquals(0, node.acceleration().size());
        }
    }

    @Test
    void whatLeavesWithAnotherSourceTakesTheStack() throws Exception {
        node.nft(
                "table ip away { chain post { type nat hook postrouting priority srcnat; oifname eth1 snat to 10.0.64.99; }; }");
        node.node.vpcResolves(java.util.List.of(Ip.parse("10.0.64.99")), OneNode.ENI.mac());
        assertEquals("", Lab.output(node.host(), "ip", "addr", "add", "10.0.64.99/32", "dev", "lo"));
        try (Echo echo = out(Family.IPV4)) {
            node.assertForwarded(echo);
            assertEquals(0, node.acceleration().size());
        }
    }

    @Test
    void theNodeItselfIsReachedByTheStackOnly() throws Exception {
        assertEquals("", Lab.output(node.host(), "ip", "addr", "add", "10.0.0.10/32", "dev", "lo"));
        try (Echo echo = Echo.direct(node.from(), node.host(), OneNode.NODE_V4)) {
            echo.rounds(5);
            AcceleratedNode.await("not looked at", this::anotherIsShortened);
            echo.rounds(5);
            assertEquals(0, node.acceleration().size());
        }
    }

    /** Those before it have been looked at then. */
    private boolean anotherIsShortened() {
        try (Echo later = out(Family.IPV6)) {
            later.rounds(5);
            node.awaitShortcuts(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        node.awaitShortcuts(0);
        return true;
    }

    @Test
    void aRouteWithAnMtuOfItsOwnIsTheStacksToKeep() throws Exception {
        String eni = Lab.output(node.host(), "ip", "-o", "link", "show", "eth1").replaceAll("(?s):.*", "");
        int table = 1000 + Integer.parseInt(eni);
        String changed = Lab.output(
                node.host(),
                ("ip route change default via " + gateway(Family.IPV4) + " dev eth1 onlink mtu 1300 proto 84 table "
                                + table)
                        .split(" "));
        assertEquals("", changed);
        try (Echo echo = out(Family.IPV4)) {
            echo.rounds(5);
            anotherIsShortened();
            node.assertForwarded(echo);
        }
    }

    @Test
    void anEniThatIsNoLongerOursEndsItsShortcutsAndTrafficGoesOn() throws Exception {
        try (Echo echo = out(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            node.exits.clear();

            node.awaitShortcuts(0);
            node.assertForwarded(echo);
        }
    }

    @Test
    void programsThatSomebodyTakesOffComeBack() throws Exception {
        try (Echo echo = out(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            assertEquals(2, TcxVandal.detachAll());

            echo.rounds(5);
            AcceleratedNode.await("not mended", () -> {
                try {
                    long before = node.forwarded();
                    echo.rounds(100);
                    return node.forwarded() - before < 25;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Test
    void aConnectionThatIsCutIsJudgedAgain() throws Exception {
        node.nft("add rule inet judge forward ct state new tcp flags & (fin | syn | rst | ack) != syn drop");
        try (Echo echo = out(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            assertTrue(Lab.output(node.host(), "conntrack", "-D", "-p", "tcp").contains("1 flow entries"));

            node.awaitShortcuts(0);
            echo.assertCut();
        }
    }
}
