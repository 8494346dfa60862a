package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.linux.netns.Lab;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What users rely on whatever the datapath is, with packets in both families, in each that any kernel has; in the two that
 * need more of it inside a guest ({@link VpcLinkLaws}).
 */
class EveryDatapathPrivilegedIT {

    private static final List<Cidr> POD_CIDRS =
            List.of(Cidr.parse("192.168.7.0/24"), Cidr.parse("fd00:192:168:7::/64"));
    private static final List<Cidr> SERVICES = List.of(Cidr.parse("172.16.0.0/16"), Cidr.parse("fd00:172:16::/64"));
    private static final List<Cidr> SNAT = List.of(Cidr.parse("203.0.113.0/24"), Cidr.parse("2001:db8:1::/64"));
    private static final List<Cidr> EXTRA = List.of(Cidr.parse("198.51.100.0/24"), Cidr.parse("2001:db8:2::/64"));

    /** By its name in the configuration's words. */
    enum Kind {
        SHARED_ENI(new Connection.PolicyRoute(OneNode.ENI)),
        TRUNK_TAG(TaggedVpc.MEMBER_OF_TRUNK),
        VPC_ROUTE(new Connection.VpcRoute(POD_CIDRS)),
        EXCLUSIVE_ENI(new Connection.ExclusiveEni(OneNode.ENI, true)),
        IPVLAN(new Connection.IpvlanSlave(OneNode.ENI, true)),
        VLAN(VlanVpc.member(true));

        private final Connection connection;

        Kind(Connection connection) {
            this.connection = connection;
        }
    }

    private OneNode node;
    private DatapathApplier applier;
    private Optional<PodAttachment> made = Optional.empty();

    static Set<Kind> here() {
        return EnumSet.complementOf(EnumSet.of(Kind.IPVLAN, Kind.VLAN));
    }

    /** All of them on one pod, without JUnit. */
    static void holdFor(Kind kind) {
        List<BiConsumer<EveryDatapathPrivilegedIT, Kind>> laws = List.of(
                EveryDatapathPrivilegedIT::thePodTheNodeAndTheVpcReachEachOtherWithTheirOwnAddresses,
                EveryDatapathPrivilegedIT::nodeLocalDnsIsReached,
                EveryDatapathPrivilegedIT::aServicesOnlyPodReachesItselfByItAndSoDoesTheNode,
                EveryDatapathPrivilegedIT::whoComesByANodePortWithItsOwnSourceIsAnsweredByTheLinkItCameBy,
                EveryDatapathPrivilegedIT::whatGoesToSnatCidrsLeavesWithTheNodesAddress,
                EveryDatapathPrivilegedIT::extraRoutesLeadOutWithThePodsOwnAddress);
        EveryDatapathPrivilegedIT test = new EveryDatapathPrivilegedIT();
        try {
            test.start();
            laws.forEach(law -> law.accept(test, kind));
        } finally {
            test.leaveNothing();
        }
    }

    @BeforeEach
    void start() {
        node = new OneNode();
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        for (Family family : Family.values()) {
            int i = family.ordinal();
            on(
                    node.vpc,
                    "ip addr add %s dev lo nodad"
                            .formatted(SNAT.get(i).network().plus(5)),
                    family);
            on(
                    node.vpc,
                    "ip addr add %s dev lo nodad"
                            .formatted(EXTRA.get(i).network().plus(5)),
                    family);
        }
        // The VPC drops what leaves an ENI with an address that is at home elsewhere.
        for (String rule : List.of(
                "add table inet t",
                "add chain inet t raw { type filter hook prerouting priority raw; }",
                "add rule inet t raw iifname port ip saddr != 10.0.64.0/20 drop",
                "add rule inet t raw iifname port ip6 saddr fd00:1::/64 drop")) {
            assertEquals("", Lab.output(node.vpc, "nft", rule));
        }
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

    private static void on(Path netns, String command, Family family) {
        String fit = family == Family.IPV4 ? command.replace(" nodad", "") : command;
        assertEquals("", Lab.output(netns, fit.split(" ")), fit);
    }

    private PodAttachment pod(Kind kind) {
        made = made.or(() -> Optional.of(make(kind)));
        return made.get();
    }

    private PodAttachment make(Kind kind) {
        if (kind == Kind.TRUNK_TAG) {
            TaggedVpc.requireBpf();
        }
        List<Cidr> blocks = kind == Kind.VPC_ROUTE ? POD_CIDRS : List.of();
        assertInstanceOf(
                NodeResult.Ready.class,
                applier.ensureNode(new NodeNetwork(List.of(Family.values()), blocks, SNAT, true)));
        PodAttachment plain = node.pod("a", 11);
        List<Ip> addresses = kind == Kind.VPC_ROUTE
                ? POD_CIDRS.stream().map(c -> c.network().plus(11)).toList()
                : plain.addresses();
        // As the agent has it: pods with a link of the VPC's reach what leaves with the node's address through the
        // host.
        Reach reach = new Reach(Stream.concat(SERVICES.stream(), SNAT.stream()).toList(), EXTRA);
        PodAttachment pod = new PodAttachment(
                plain.key(), plain.pod(), plain.netns(), addresses, kind.connection, plain.mtu(), reach);
        switch (kind) {
            case TRUNK_TAG -> TaggedVpc.speakTaggedOnly(node, pod);
            case VPC_ROUTE -> POD_CIDRS.forEach(node::routeToNode);
            case VLAN -> VlanVpc.speakTagged(node, pod);
            case SHARED_ENI, EXCLUSIVE_ENI, IPVLAN -> {}
        }
        assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
        return pod;
    }

    private static Ip nodeAddress(Family family) {
        return family == Family.IPV4 ? OneNode.NODE_V4 : OneNode.NODE_V6;
    }

    /** What kube-proxy's rules come to: destination translated, a pod's own packet back to it with the node's source. */
    private void translate(Family family, Ip to, int port, Ip pod) {
        String f = family == Family.IPV4 ? "ip" : "ip6";
        String target = family == Family.IPV4 ? pod + ":8080" : "[" + pod + "]:8080";
        for (String rule : List.of(
                "add table inet s",
                "add chain inet s pre { type nat hook prerouting priority dstnat; }",
                "add chain inet s out { type nat hook output priority -100; }",
                "add chain inet s post { type nat hook postrouting priority srcnat; }",
                "add rule inet s pre %1$s daddr %2$s tcp dport %3$d dnat %1$s to %4$s".formatted(f, to, port, target),
                "add rule inet s out %1$s daddr %2$s tcp dport %3$d dnat %1$s to %4$s".formatted(f, to, port, target),
                "add rule inet s post %1$s saddr %2$s %1$s daddr %2$s masquerade".formatted(f, pod))) {
            assertEquals("", Lab.output(node.host, "nft", rule), rule);
        }
    }

    @ParameterizedTest
    @MethodSource("here")
    void thePodTheNodeAndTheVpcReachEachOtherWithTheirOwnAddresses(Kind kind) {
        PodAttachment pod = pod(kind);

        for (Ip ip : pod.addresses()) {
            Ip gateway = OneNode.ENI.gateway(ip.family()).orElseThrow();
            assertEquals(ip, OneNode.sourceSeen(pod.netns(), node.vpc, gateway));
            OneNode.talk(node.vpc, pod.netns(), ip);
            OneNode.talk(node.host, pod.netns(), ip);
            OneNode.talk(pod.netns(), node.host, nodeAddress(ip.family()));
        }
        assertEquals(new CheckResult.Intact(), applier.check(pod));
    }

    @ParameterizedTest
    @MethodSource("here")
    void nodeLocalDnsIsReached(Kind kind) {
        PodAttachment pod = pod(kind);
        Ip dns = Ip.parse("169.254.20.10");
        on(node.host, "ip addr add " + dns + "/32 dev lo", Family.IPV4);

        OneNode.talk(pod.netns(), node.host, dns, 53, dns, 53);
    }

    @ParameterizedTest
    @MethodSource("here")
    void aServicesOnlyPodReachesItselfByItAndSoDoesTheNode(Kind kind) {
        PodAttachment pod = pod(kind);
        for (Ip ip : pod.addresses()) {
            Ip service = SERVICES.get(ip.family().ordinal()).network().plus(10);
            translate(ip.family(), service, 80, ip);

            OneNode.talk(pod.netns(), pod.netns(), service, 80, ip, 8080);
            OneNode.talk(node.host, pod.netns(), service, 80, ip, 8080);
        }
    }

    @ParameterizedTest
    @MethodSource("here")
    void whoComesByANodePortWithItsOwnSourceIsAnsweredByTheLinkItCameBy(Kind kind) {
        PodAttachment pod = pod(kind);
        for (Ip ip : pod.addresses()) {
            translate(ip.family(), nodeAddress(ip.family()), 30080, ip);

            OneNode.talk(node.vpc, pod.netns(), nodeAddress(ip.family()), 30080, ip, 8080);
        }
    }

    @ParameterizedTest
    @MethodSource("here")
    void whatGoesToSnatCidrsLeavesWithTheNodesAddress(Kind kind) {
        PodAttachment pod = pod(kind);

        for (Family family : Family.values()) {
            Ip outside = SNAT.get(family.ordinal()).network().plus(5);
            assertEquals(nodeAddress(family), OneNode.sourceSeen(pod.netns(), node.vpc, outside));
        }
    }

    @ParameterizedTest
    @MethodSource("here")
    void extraRoutesLeadOutWithThePodsOwnAddress(Kind kind) {
        PodAttachment pod = pod(kind);

        for (Ip ip : pod.addresses()) {
            Cidr extra = EXTRA.get(ip.family().ordinal());
            assertEquals(
                    ip,
                    OneNode.sourceSeen(pod.netns(), node.vpc, extra.network().plus(5)));
        }
    }
}
