package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Services by the chains that kube-proxy writes in iptables mode, beside pods that share an ENI; both families. */
class KubeProxyPrivilegedIT {

    private static final int PORT = 8080;
    private static final int SERVICE_PORT = KubeProxy.SERVICE_PORT;
    private static final int NODE_PORT = KubeProxy.NODE_PORT;

    private OneNode node;
    private DatapathApplier applier;
    private PodAttachment a;
    private PodAttachment b;

    @BeforeEach
    void twoPodsBesideKubeProxy() {
        KubeProxy.assumeIptables();
        node = new OneNode();
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        assertInstanceOf(
                NodeResult.Ready.class,
                applier.ensureNode(new NodeNetwork(List.of(Family.IPV4, Family.IPV6), List.of(), List.of(), true)));
        a = plumbed("a", 11);
        b = plumbed("b", 12);
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

    private PodAttachment plumbed(String name, int n) {
        PodAttachment pod = node.pod(name, n);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
        return pod;
    }

    private static Ip service(Family family) {
        return KubeProxy.service(family);
    }

    private static Ip nodeAddress(Family family) {
        return family == Family.IPV4 ? OneNode.NODE_V4 : OneNode.NODE_V6;
    }

    private static Ip of(PodAttachment pod, Family family) {
        return pod.addresses().stream()
                .filter(ip -> ip.family() == family)
                .findFirst()
                .orElseThrow();
    }

    private void serve(Family family, Ip endpoint, boolean local) {
        KubeProxy.serve(node.host, family, endpoint, PORT, local);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void podsAndTheNodeReachAPodOfTheNodeByItsClusterIp(Family family) {
        Ip endpoint = of(b, family);
        serve(family, endpoint, false);

        OneNode.talk(a.netns(), b.netns(), service(family), SERVICE_PORT, endpoint, PORT);
        OneNode.talk(node.host, b.netns(), service(family), SERVICE_PORT, endpoint, PORT);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void podsReachAnEndpointBeyondTheirEniByItsClusterIp(Family family) {
        Ip endpoint = (family == Family.IPV4 ? OneNode.V4 : OneNode.V6).vSwitchGateway();
        serve(family, endpoint, false);

        OneNode.talk(a.netns(), node.vpc, service(family), SERVICE_PORT, endpoint, PORT);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void aPodReachesItselfByItsOwnService(Family family) {
        Ip endpoint = of(b, family);
        serve(family, endpoint, false);

        OneNode.talk(b.netns(), b.netns(), service(family), SERVICE_PORT, endpoint, PORT);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void othersReachAPodByTheNodesPortWithTheSourceKeptOrNot(Family family) {
        Ip endpoint = of(b, family);
        for (boolean local : List.of(false, true)) {
            serve(family, endpoint, local);

            OneNode.talk(node.vpc, b.netns(), nodeAddress(family), NODE_PORT, endpoint, PORT);
        }
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void podsReachAPodOfTheNodeByTheNodesPort(Family family) {
        Ip endpoint = of(b, family);
        serve(family, endpoint, false);

        OneNode.talk(a.netns(), b.netns(), nodeAddress(family), NODE_PORT, endpoint, PORT);
    }
}
