package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.terway.linux.netns.Lab;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Services by the chains that kube-proxy writes in iptables mode, beside pods that share an ENI; both families. */
class KubeProxyPrivilegedIT {

    private static final int PORT = 8080;
    private static final int SERVICE_PORT = 80;
    private static final int NODE_PORT = 30080;

    private OneNode node;
    private DatapathApplier applier;
    private PodAttachment a;
    private PodAttachment b;

    @BeforeEach
    void twoPodsBesideKubeProxy() {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/sbin/iptables-restore")),
                "the Debian package iptables is not installed");
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
        return Ip.parse(family == Family.IPV4 ? "172.16.0.10" : "fd00:172:16::10");
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

    /**
     * A service with one endpoint, as kube-proxy 1.31 writes it.
     *
     * @param local externalTrafficPolicy: the source is kept
     */
    private void serve(Family family, Ip endpoint, boolean local) {
        String bits = family == Family.IPV4 ? "32" : "128";
        String target = family == Family.IPV4 ? endpoint + ":" + PORT : "[" + endpoint + "]:" + PORT;
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
        assertEquals("", Lab.output(node.host, "sh", "-c", program + " <<'END'\n" + rules + "END"));
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
