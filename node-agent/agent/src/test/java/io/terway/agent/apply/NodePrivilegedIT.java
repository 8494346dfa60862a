package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.sysctl.Sysctl;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds for the node as a whole, with packets: VPC routes, source addresses, symmetric answers. */
class NodePrivilegedIT {

    private static final List<Family> DUAL = List.of(Family.IPV4, Family.IPV6);
    private static final List<Cidr> POD_CIDRS =
            List.of(Cidr.parse("192.168.7.0/24"), Cidr.parse("fd00:192:168:7::/64"));
    private static final Cidr OUTSIDE = Cidr.parse("203.0.113.0/24");
    private static final Ip OUTSIDER = Ip.parse("203.0.113.5");

    private OneNode node;
    private DatapathApplier applier;

    @BeforeEach
    void start() {
        node = new OneNode();
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        Lab.output(node.vpc, "ip", "addr", "add", OUTSIDER + "/32", "dev", "lo");
    }

    @AfterEach
    void stop() {
        if (applier != null) {
            applier.close();
        }
        if (node != null) {
            node.close();
        }
    }

    @Test
    void routedPodsTalkToEachOtherToTheNodeAndToTheVpcWithTheirOwnAddress() {
        ensure(new NodeNetwork(DUAL, POD_CIDRS, List.of(), false));
        POD_CIDRS.forEach(node::routeToNode);
        PodAttachment a = routed("a", 2);
        PodAttachment b = routed("b", 3);

        for (int family = 0; family < 2; family++) {
            Ip toA = a.addresses().get(family);
            Ip toB = b.addresses().get(family);
            OneNode.talk(a.netns(), b.netns(), toB);
            OneNode.talk(node.vpc, a.netns(), toA);
            OneNode.talk(node.host, a.netns(), toA);
        }
        OneNode.talk(a.netns(), node.host, OneNode.NODE_V4);
        assertEquals(a.addresses().getFirst(), OneNode.sourceSeen(a.netns(), node.vpc, OUTSIDER));
        assertEquals(new CheckResult.Intact(), applier.check(a));
    }

    @Test
    void routedPodsLeaveForSnatCidrsWithTheNodesAddress() {
        ensure(new NodeNetwork(DUAL, POD_CIDRS, List.of(OUTSIDE), false));
        POD_CIDRS.forEach(node::routeToNode);
        PodAttachment a = routed("a", 2);

        assertEquals(OneNode.NODE_V4, OneNode.sourceSeen(a.netns(), node.vpc, OUTSIDER));
        assertEquals(a.addresses().getFirst(), OneNode.sourceSeen(a.netns(), node.vpc, OneNode.V4.vSwitchGateway()));
    }

    @Test
    void sharedEniPodsLeaveForSnatCidrsByTheNodesLinkWithItsAddress() {
        ensure(new NodeNetwork(DUAL, List.of(), List.of(OUTSIDE), false));
        PodAttachment pod = node.pod("a", 11);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));

        assertEquals(OneNode.NODE_V4, OneNode.sourceSeen(pod.netns(), node.vpc, OUTSIDER));
        assertEquals(
                pod.addresses().getFirst(), OneNode.sourceSeen(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway()));
    }

    @Test
    void anAddressOfThePodBlockThatNobodyHasIsRefusedAndDoesNotLoop() {
        ensure(new NodeNetwork(DUAL, POD_CIDRS, List.of(), false));

        String route = Lab.output(node.host, "ip", "route", "get", "192.168.7.99");

        assertTrue(route.contains("unreachable") || route.contains("No route to host"), route);
    }

    /** A NodePort of a shared-ENI pod: the answer must leave by eth0, not by the ENI. */
    @Test
    void answersLeaveByTheLinkTheirQuestionCameBy() {
        ensure(new NodeNetwork(DUAL, List.of(), List.of(), true));
        PodAttachment pod = node.pod("a", 11);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
        dnat(pod);
        // The VPC would drop an answer that leaves by the ENI with the node's address.
        assertEquals(
                "",
                Lab.output(
                        node.vpc,
                        "nft",
                        "add table ip t; add chain ip t raw { type filter hook prerouting"
                                + " priority raw; }; add rule ip t raw iifname port ip saddr != 10.0.64.0/20 drop"));

        OneNode.talk(
                node.vpc, pod.netns(), OneNode.NODE_V4, 30080, pod.addresses().getFirst(), 8080);
    }

    @Test
    void whatIsNoLongerWantedGoes() {
        ensure(new NodeNetwork(DUAL, POD_CIDRS, List.of(OUTSIDE), true));
        NodeNetwork plain = new NodeNetwork(DUAL, List.of(), List.of(), false);

        ensure(plain);

        String rules = Lab.output(node.host, "ip", "rule") + Lab.output(node.host, "ip", "-6", "rule");
        assertTrue(!rules.contains("600:") && !rules.contains("1024:"), rules);
        assertEquals("", Lab.output(node.host, "ip", "route", "show", "type", "unreachable"));
        assertEquals(new NodeResult.Ready(List.of()), applier.ensureNode(plain));
    }

    @Test
    void whatIsInPlaceIsLeftAlone() {
        for (List<Cidr> podCidrs : List.of(POD_CIDRS, List.<Cidr>of())) {
            NodeNetwork wanted = new NodeNetwork(DUAL, podCidrs, List.of(OUTSIDE), true);
            ensure(wanted);

            assertEquals(new NodeResult.Ready(List.of()), applier.ensureNode(wanted));
        }
    }

    @Test
    void theMtuOfTheNodesOwnLinkIsKnown() {
        assertEquals("", Lab.output(node.host, "ip", "link", "set", "eth0", "mtu", "1480"));

        ensure(new NodeNetwork(DUAL, List.of(), List.of(), false));

        assertEquals(1480, applier.uplinkMtu());
    }

    @Test
    void sysctlsOfTheNodeAreAssertedAndRepaired() {
        NodeNetwork plain = new NodeNetwork(DUAL, List.of(), List.of(), false);
        ensure(plain);
        NetnsThread.run(node.host, () -> {
            Sysctl.write("net/ipv4/ip_forward", "0");
            Sysctl.write("net/ipv4/conf/all/rp_filter", "1");
            Sysctl.write("net/ipv6/conf/eth0/accept_ra", "1");
        });

        NodeResult.Ready ready = assertInstanceOf(NodeResult.Ready.class, applier.ensureNode(plain));

        assertEquals(3, ready.changed().size(), ready::toString);
        NetnsThread.run(
                node.host,
                () -> assertEquals(
                        "2", Sysctl.read("net/ipv6/conf/eth0/accept_ra").orElseThrow()));
    }

    private void dnat(PodAttachment pod) {
        assertEquals(
                "",
                Lab.output(
                        node.host,
                        "nft",
                        "add table ip t; add chain ip t pre { type nat hook prerouting priority dstnat; };"
                                + " add rule ip t pre ip daddr " + OneNode.NODE_V4 + " tcp dport 30080 dnat to "
                                + pod.addresses().getFirst() + ":8080"));
    }

    private PodAttachment routed(String name, int n) {
        List<Ip> addresses = POD_CIDRS.stream().map(c -> c.network().plus(n)).toList();
        PodAttachment pod = OneNode.connected(node.pod(name, n), new Connection.VpcRoute(POD_CIDRS), addresses);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
        return pod;
    }

    private void ensure(NodeNetwork wanted) {
        assertInstanceOf(NodeResult.Ready.class, applier.ensureNode(wanted));
    }
}
