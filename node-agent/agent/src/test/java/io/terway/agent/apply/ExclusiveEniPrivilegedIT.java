package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.Lab;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkNames;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import io.terway.node.ledger.Witnesses;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An ENI of its own, with packets: straight to the VPC, by the host peer to the node and what only it reaches. */
class ExclusiveEniPrivilegedIT {

    private static final Cidr SERVICES = Cidr.parse("172.16.0.0/16");
    private static final Ip SERVICE = Ip.parse("172.16.0.10");
    private static final Ip NODE_LOCAL_DNS = Ip.parse("169.254.20.10");
    private static final Reach REACH = new Reach(List.of(SERVICES), List.of());

    private OneNode node;
    private DatapathApplier applier;
    private PodAttachment pod;

    @BeforeEach
    void start() {
        node = new OneNode();
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        applier.ensureNode(new NodeNetwork(List.of(Family.IPV4, Family.IPV6), List.of(), List.of(), false));
        pod = OneNode.connected(node.pod("a", 11), new Connection.ExclusiveEni(OneNode.ENI, true), REACH);
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
    void thePodTalksToTheVpcByItsEniAndToTheNodeByItsPeer() {
        plumb(pod);

        for (Ip ip : pod.addresses()) {
            Ip gateway = OneNode.ENI.gateway(ip.family()).orElseThrow();
            OneNode.talk(pod.netns(), node.vpc, gateway);
            OneNode.talk(node.vpc, pod.netns(), ip);
            OneNode.talk(node.host, pod.netns(), ip);
        }
        OneNode.talk(pod.netns(), node.host, OneNode.NODE_V4);
        OneNode.talk(pod.netns(), node.host, OneNode.NODE_V6);
        assertEquals(
                "",
                Lab.output(node.host, "ip", "-o", "link", "show", "type", "veth", "dev", "eth1")
                        .lines()
                        .filter(l -> l.contains("00:16:3e:00:00:01"))
                        .findFirst()
                        .orElse(""));
    }

    @Test
    void servicesAndNodeLocalDnsAreReachedThroughTheHost() {
        plumb(pod);
        Lab.output(node.host, "ip", "addr", "add", SERVICE + "/32", "dev", "lo");
        Lab.output(node.host, "ip", "addr", "add", NODE_LOCAL_DNS + "/32", "dev", "lo");

        OneNode.talk(pod.netns(), node.host, SERVICE);
        OneNode.talk(pod.netns(), node.host, NODE_LOCAL_DNS);
    }

    @Test
    void theHostSpeaksToThePodWithTheNodesAddress() {
        plumb(pod);

        String route = Lab.output(
                node.host, "ip", "route", "get", pod.addresses().getFirst().toString());

        assertTrue(route.contains("src " + OneNode.NODE_V4), route);
        assertTrue(route.contains("dev cali"), route);
    }

    /** A NodePort with externalTrafficPolicy Local: the client's address arrives, the answer goes back by the node. */
    @Test
    void whatCameInByThePeerIsAnsweredByThePeer() {
        plumb(pod);
        String said = Lab.output(
                node.host,
                "nft",
                "add table ip t; add chain ip t pre { type nat hook prerouting priority dstnat; };"
                        + " add rule ip t pre ip daddr " + OneNode.NODE_V4 + " tcp dport 30080 dnat to "
                        + pod.addresses().getFirst() + ":8080");
        assertEquals("", said);

        OneNode.talk(
                node.vpc, pod.netns(), OneNode.NODE_V4, 30080, pod.addresses().getFirst(), 8080);
    }

    @Test
    void anAddThatIsRepeatedChangesNothingAndCheckIsIntact() {
        plumb(pod);

        AddResult.Plumbed again = plumb(pod);

        assertEquals(0, again.stages().operations());
        assertEquals(new CheckResult.Intact(), applier.check(pod));
    }

    static Stream<String> damages() {
        return Stream.of(
                "pod ip link set eth0 down",
                "pod ip addr flush dev eth0 scope global",
                "pod ip route del default",
                "pod ip -6 route del default",
                "pod ip route del 172.16.0.0/16",
                "pod ip route del 10.0.0.10",
                "pod ip rule del prio 600",
                "pod ip -6 route flush table 100",
                "pod ip neigh del 169.254.1.1 dev veth1",
                "pod nft flush chain inet terway_peer in",
                "pod nft delete table inet terway_peer",
                "pod ip link del veth1",
                "pod sysctl -qw net.ipv4.conf.veth1.rp_filter=1",
                "host ip route del 10.0.64.11",
                "host ip route replace 10.0.64.11 dev %s scope link proto 84",
                "host ip rule del prio 512",
                "host ip neigh del 10.0.64.11 dev %s");
    }

    @ParameterizedTest
    @MethodSource("damages")
    void checkFindsDamageAndAddRepairsIt(String damage) {
        plumb(pod);
        String[] command =
                damage.replace("%s", LinkNames.hostLink(pod.pod(), "eth0")).split(" ");
        String said = Lab.output(
                command[0].equals("pod") ? pod.netns() : node.host,
                Stream.of(command).skip(1).toArray(String[]::new));
        assertEquals("", said);

        assertInstanceOf(CheckResult.Differs.class, applier.check(pod));
        plumb(pod);

        assertEquals(new CheckResult.Intact(), applier.check(pod));
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        OneNode.talk(pod.netns(), node.host, OneNode.NODE_V6);
    }

    @Test
    void aDelBringsTheEniHomeDownAndUnderANameOfItsOwn() {
        plumb(pod);

        remove(pod);

        String home = Lab.output(node.host, "ip", "-o", "link", "show", Conventions.homeName(OneNode.ENI.mac()));
        assertTrue(home.contains("00:16:3e:00:00:01") && home.contains("state DOWN"), home);
        assertEquals(0, remove(pod).stages().operations());
        EniResult.Ready ready = assertInstanceOf(EniResult.Ready.class, applier.ensureEni(OneNode.ENI));
        assertEquals(Conventions.homeName(OneNode.ENI.mac()), ready.link());
    }

    @Test
    void theNextPodGetsTheEniThatCameHome() {
        plumb(pod);
        remove(pod);
        PodAttachment next = OneNode.connected(node.pod("b", 12), pod.connection(), REACH);

        plumb(next);

        assertEquals(new CheckResult.Intact(), applier.check(next));
        OneNode.talk(next.netns(), node.vpc, OneNode.V4.vSwitchGateway());
    }

    @Test
    void aDelWhoseNamespaceIsGoneSucceedsAndLeavesNothing() {
        plumb(pod);
        node.lab.remove(pod.netns());

        remove(pod);

        assertTrue(node.leftovers().stream().noneMatch(l -> l.contains("10.0.64.11") || l.contains(" cali")));
    }

    @Test
    void withoutAHostPeerThereIsOnlyTheEni() {
        PodAttachment alone = OneNode.connected(pod, new Connection.ExclusiveEni(OneNode.ENI, false), REACH);

        AddResult.Plumbed plumbed = plumb(alone);

        assertEquals("", plumbed.hostLink());
        assertEquals(new CheckResult.Intact(), applier.check(alone));
        OneNode.talk(alone.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        assertTrue(
                Lab.output(alone.netns(), "ip", "-o", "link", "show", "veth1").contains("does not exist"));
    }

    /** When ledger and ipam-service have forgotten everything: the node's own memory. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theKernelItselfTellsWhoHasTheEni(boolean hostPeer) {
        PodAttachment known = OneNode.connected(pod, new Connection.ExclusiveEni(OneNode.ENI, hostPeer), REACH);
        plumb(known);

        Witnesses.Connected told = witness().orElseThrow();

        assertEquals(Set.copyOf(pod.addresses()), Set.copyOf(told.addresses()));
        assertEquals(LinkNames.hostLink(pod.pod(), "eth0"), told.link());
        assertEquals(Optional.of(pod.netns()), told.netns());
        assertEquals(hostPeer ? Optional.empty() : Optional.of(OneNode.ENI.id()), told.eni());

        if (hostPeer) {
            Lab.output(node.host, "ip", "route", "flush", "proto", "84");
            Lab.output(node.host, "ip", "-6", "route", "flush", "proto", "84");
            assertEquals(
                    Set.copyOf(pod.addresses()),
                    Set.copyOf(witness().orElseThrow().addresses()),
                    "also without its routes");
        }
        remove(known);
        assertTrue(witness().filter(c -> !c.addresses().isEmpty()).isEmpty(), "an ENI that came home is nobody's");
    }

    @Test
    void whatAPodCallsALinkOfItsOwnIsNoSandbox() {
        plumb(pod);
        Lab.output(pod.netns(), "ip", "link", "add", "d0", "type", "dummy");
        Lab.output(pod.netns(), "ip", "link", "set", "d0", "up", "alias", "terway another/eth0");
        Lab.output(pod.netns(), "ip", "address", "add", "9.9.9.9/32", "dev", "d0");

        assertEquals(
                List.of(pod.key().containerId()),
                Witness.of(node.host, List.of(pod.netns().getParent())).stream()
                        .map(Witnesses.Connected::containerId)
                        .toList());
    }

    private Optional<Witnesses.Connected> witness() {
        return Witness.of(node.host, List.of(pod.netns().getParent())).stream()
                .filter(c -> c.containerId().equals(pod.key().containerId()))
                .findFirst();
    }

    @Test
    void anEniThatIsNowhereIsNamed() {
        Lab.output(node.host, "ip", "link", "del", "eth1");

        AddResult.NoEni missing = assertInstanceOf(AddResult.NoEni.class, applier.add(pod));

        assertEquals(OneNode.ENI.id(), missing.eni());
    }

    private AddResult.Plumbed plumb(PodAttachment attachment) {
        return assertInstanceOf(AddResult.Plumbed.class, applier.add(attachment));
    }

    private DelResult.Removed remove(PodAttachment attachment) {
        return assertInstanceOf(
                DelResult.Removed.class,
                applier.del(attachment.key(), attachment.pod(), attachment.netns(), attachment.addresses()));
    }
}
