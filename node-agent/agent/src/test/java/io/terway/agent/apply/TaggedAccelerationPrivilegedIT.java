package io.terway.agent.apply;

import io.terway.net.Family;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of a trunk's member, whose packets bear its tag on the trunk's link. */
class TaggedAccelerationPrivilegedIT {

    private AcceleratedNode node;

    @BeforeEach
    void theFirstPodIsAMember() {
        node = AcceleratedNode.open(AcceleratedNode.Mode.TRUNK_TAG);
    }

    @AfterEach
    void leaveNothing() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void establishedConnectionsWithTheVpcSkipTheStackAndBearTheTag(Family family) throws Exception {
        try (Echo out = Echo.direct(
                node.from(), node.node.vpc, OneNode.ENI.gateway(family).orElseThrow())) {
            out.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(out);
            out.bulk(4 << 20);
        }
        node.awaitShortcuts(0);
        try (Echo in = Echo.direct(node.node.vpc, node.from(), node.fromAddress(family))) {
            in.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(in);
            in.bulk(4 << 20);
        }
        node.awaitShortcuts(0);
    }

    @Test
    void establishedConnectionsWithAPodOfTheNodeSkipTheStack() throws Exception {
        try (Echo echo = node.between(Family.IPV4)) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);
        }
    }

    /** It is another pod's, though addresses and ports are those of the shortcut. */
    @Test
    void whatBearsAnotherTagDoesNotTakeTheShortcut() throws Exception {
        try (Echo echo = Echo.direct(node.from(), node.node.vpc, OneNode.V4.vSwitchGateway())) {
            echo.rounds(5);
            node.awaitShortcuts(1);
            node.assertSkips(echo);

            TaggedVpc.sendWithAnotherTag(node.node);

            echo.assertCut();
        }
    }

    /** The member's own program at the trunk's link then does as ever. */
    @Test
    void aMemberWhoseTagHasChangedEndsItsShortcutsAndTrafficGoesOn() throws Exception {
        try (Echo echo = Echo.direct(node.from(), node.node.vpc, OneNode.V4.vSwitchGateway())) {
            echo.rounds(5);
            node.awaitShortcuts(1);

            node.exits.replaceAll((_, exit) -> new io.terway.agent.accel.Allowed.Exit(exit.mac(), 7));

            node.awaitShortcuts(0);
            node.assertForwarded(echo);
        }
    }
}
