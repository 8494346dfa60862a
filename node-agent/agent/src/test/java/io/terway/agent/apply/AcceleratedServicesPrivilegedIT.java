package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.NodeNetwork;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Services by the chains that kube-proxy writes, on a node whose direct connections skip the stack; both families. */
class AcceleratedServicesPrivilegedIT {

    private AcceleratedNode node;

    @BeforeEach
    void besideKubeProxy() {
        KubeProxy.assumeIptables();
        node = AcceleratedNode.open();
        node.node.plugPrimary();
        assertInstanceOf(
                NodeResult.Ready.class,
                node.applier.ensureNode(
                        new NodeNetwork(List.of(Family.IPV4, Family.IPV6), List.of(), List.of(), true)));
    }

    @AfterEach
    void leaveNothing() {
        if (node != null) {
            node.close();
        }
    }

    private void serve(Family family, Ip endpoint, boolean local) {
        KubeProxy.serve(node.host(), family, endpoint, Echo.PORT, local);
    }

    private static Ip gateway(Family family) {
        return (family == Family.IPV4 ? OneNode.V4 : OneNode.V6).vSwitchGateway();
    }

    /** The service's connection takes the stack while a direct one to the same endpoint skips it, whichever was first. */
    private void assertBothRight(Echo service, Echo direct) throws Exception {
        service.rounds(5);
        direct.rounds(5);
        node.awaitShortcuts(1);
        node.assertSkips(direct);
        node.assertForwarded(service);
        node.assertSkips(direct);
        assertEquals(1, node.acceleration().size());
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aPodOfTheNodeByItsClusterIpBesideADirectConnection(Family family) throws Exception {
        serve(family, node.toAddress(family), false);
        Ip service = KubeProxy.service(family);
        try (Echo direct = node.between(family);
                Echo translated = direct.another(service, KubeProxy.SERVICE_PORT)) {
            assertBothRight(translated, direct);
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void anEndpointBeyondTheEniByItsClusterIpBesideADirectConnection(Family family) throws Exception {
        serve(family, gateway(family), false);
        Ip service = KubeProxy.service(family);
        try (Echo direct = Echo.direct(node.from(), node.node.vpc, gateway(family));
                Echo translated = direct.another(service, KubeProxy.SERVICE_PORT)) {
            assertBothRight(translated, direct);
        }
    }

    /** From the same port a direct connection after the service's own would be answered as the service's. */
    @ParameterizedTest
    @EnumSource(Family.class)
    void aDirectConnectionFromThePortOfAServicesOwnIsNotMixedUpWithIt(Family family) throws Exception {
        serve(family, node.toAddress(family), false);
        Ip service = KubeProxy.service(family);
        try (Echo translated = Echo.translated(
                        node.from(), service, KubeProxy.SERVICE_PORT, node.to(), node.toAddress(family));
                Echo direct = translated.another(node.toAddress(family), Echo.PORT);
                Echo other = Echo.direct(node.to(), node.from(), node.fromAddress(family))) {
            other.rounds(5);
            node.awaitShortcuts(1);
            translated.rounds(200);
            direct.rounds(200);
            translated.rounds(200);
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void othersByTheNodesPortWithTheSourceKeptOrNot(Family family) throws Exception {
        Ip called = family == Family.IPV4 ? OneNode.NODE_V4 : OneNode.NODE_V6;
        for (boolean local : List.of(false, true)) {
            serve(family, node.toAddress(family), local);
            try (Echo outside = Echo.translated(
                            node.node.vpc, called, KubeProxy.NODE_PORT, node.to(), node.toAddress(family));
                    Echo other = Echo.direct(node.to(), node.from(), node.fromAddress(family))) {
                other.rounds(5);
                node.awaitShortcuts(1);
                node.assertForwarded(outside);
                node.assertSkips(other);
            }
            node.awaitShortcuts(0);
        }
    }
}
