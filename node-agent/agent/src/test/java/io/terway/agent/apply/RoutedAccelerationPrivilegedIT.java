package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of pods in VPC mode: they enter and leave the node by its own link. */
class RoutedAccelerationPrivilegedIT {

    private AcceleratedNode node;

    @BeforeEach
    void twoRoutedPods() {
        node = AcceleratedNode.open(AcceleratedNode.Mode.VPC_ROUTE);
    }

    @AfterEach
    void leaveNothing() {
        if (node != null) {
            node.close();
        }
    }

    private static Ip gateway(Family family) {
        Ip own = family == Family.IPV4 ? OneNode.NODE_V4 : OneNode.NODE_V6;
        return Cidr.containing(own, family == Family.IPV4 ? 24 : 64).vSwitchGateway();
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void establishedConnectionsSkipTheStackWithEachOtherAndByTheNodesOwnLink(Family family) throws Exception {
        try (Echo echo = node.between(family)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);
        }
        node.awaitShortcuts(0);
        try (Echo out = Echo.direct(node.from(), node.node.vpc, gateway(family))) {
            out.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(out);
            out.bulk(4 << 20);
        }
        node.awaitShortcuts(0);
        try (Echo in = Echo.direct(node.node.vpc, node.to(), node.toAddress(family))) {
            in.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(in);
            in.bulk(4 << 20);
        }
        node.awaitShortcuts(0);
    }

    /** What the node itself says by the same link is not its pods'. */
    @Test
    void theNodesOwnConnectionsTakeTheStackBesideAShortcut() throws Exception {
        try (Echo pods = Echo.direct(node.from(), node.node.vpc, gateway(Family.IPV4))) {
            pods.rounds(5);
            node.awaitShortcuts(1);
            OneNode.talk(node.host(), node.node.vpc, gateway(Family.IPV4));
            OneNode.talk(node.node.vpc, node.host(), OneNode.NODE_V4);
            node.assertSkips(pods);
            assertEquals(1, node.acceleration().size());
        }
    }

    @Test
    void whatLeavesWithTheNodesAddressTakesTheStack() throws Exception {
        node.nft(
                "table ip away { chain post { type nat hook postrouting priority srcnat; oifname eth0 masquerade; }; }");
        try (Echo echo = Echo.direct(node.from(), node.node.vpc, gateway(Family.IPV4))) {
            node.assertForwarded(echo);
            assertEquals(0, node.acceleration().size());
        }
    }
}
