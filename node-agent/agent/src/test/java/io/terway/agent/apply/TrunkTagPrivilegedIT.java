package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.linux.netns.Lab;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Trunk members by tags on the trunk's link, with packets: the VPC takes and sends only tagged ones. */
class TrunkTagPrivilegedIT {

    private OneNode node;
    private DatapathApplier applier;
    private PodAttachment pod;

    @BeforeEach
    void start() {
        TaggedVpc.requireBpf();
        node = new OneNode();
        applier = DatapathApplier.open(node.host);
        pod = OneNode.connected(node.pod("a", 11), TaggedVpc.MEMBER_OF_TRUNK, Reach.NOTHING);
        TaggedVpc.speakTaggedOnly(node, pod);
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
    void aMembersPacketsBearItsTagBothWays() {
        plumb();

        for (var ip : pod.addresses()) {
            OneNode.talk(pod.netns(), node.vpc, OneNode.ENI.gateway(ip.family()).orElseThrow());
            OneNode.talk(node.vpc, pod.netns(), ip);
        }
        assertEquals(new CheckResult.Intact(), applier.check(pod));
        assertEquals(0, plumb().stages().operations());
    }

    @Test
    void tagsOutliveTheAgentAndTheNextOneFindsThem() {
        plumb();
        applier.close();

        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        applier = DatapathApplier.open(node.host);

        assertEquals(new CheckResult.Intact(), applier.check(pod));
        applier.del(pod.key(), pod.pod(), pod.netns(), pod.addresses());
        plumb();
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
    }

    @Test
    void aDelTakesTheTagAway() {
        plumb();

        applier.del(pod.key(), pod.pod(), pod.netns(), pod.addresses());

        PodAttachment shared =
                OneNode.connected(node.pod("b", 11), new Connection.PolicyRoute(OneNode.ENI), Reach.NOTHING);
        assertInstanceOf(AddResult.Plumbed.class, applier.add(shared));
        // The VPC of this test takes tagged packets only.
        assertThrows(
                UncheckedIOException.class, () -> OneNode.talk(shared.netns(), node.vpc, OneNode.V4.vSwitchGateway()));
    }

    static Stream<String> damages() {
        return Stream.of(
                "tc filter del dev eth1 egress pref 50001",
                "tc filter del dev eth1 ingress pref 20000",
                "tc qdisc del dev eth1 clsact");
    }

    @ParameterizedTest
    @MethodSource("damages")
    void checkFindsDamageAndAddRepairsIt(String damage) {
        plumb();
        assertEquals("", Lab.output(node.host, damage.split(" ")));

        assertInstanceOf(CheckResult.Differs.class, applier.check(pod));
        plumb();

        assertEquals(new CheckResult.Intact(), applier.check(pod));
        OneNode.talk(pod.netns(), node.vpc, OneNode.V4.vSwitchGateway());
        OneNode.talk(node.vpc, pod.netns(), pod.addresses().getFirst());
    }

    private AddResult.Plumbed plumb() {
        return assertInstanceOf(AddResult.Plumbed.class, applier.add(pod));
    }
}
