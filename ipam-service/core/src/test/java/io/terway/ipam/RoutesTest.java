package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** VPC mode. */
class RoutesTest {

    private static final Map<String, Object> VPC = Map.of("network_mode", "VPC", "pod_cidr", "10.244.0.0/16");

    private final ModelCloud cloud = new ModelCloud(400);

    @Test
    void givesAddressesOfTheNodesPodCidrOnceItsRouteIsThere() {
        NodeRig rig = new NodeRig(cloud);
        rig.podCidrs = List.of(Cidr.parse("10.9.3.0/24"));
        rig.configure(VPC);
        rig.connect();

        var proposed = rig.add(1);

        assertEquals(Attachment.ROUTED, proposed.attachment());
        EniIp address = proposed.addresses().getFirst();
        assertEquals(Optional.of(Cidr.parse("10.9.3.0/24")), address.block());
        assertEquals(new EniId("eni-primary-i-n1"), address.eni());
        assertEquals(Map.of(Cidr.parse("10.9.3.0/24"), rig.agent.instance), cloud.routes);
        assertEquals(254, rig.config.capacity());
        assertEquals(List.of(Cidr.parse("10.9.3.0/24")), rig.config.podCidrs());
    }

    @Test
    void carvesTheLowestFreeBlockWhereTheApiServerGivesNone() {
        NodeRig rig = new NodeRig(cloud);
        rig.feed(new IpamEvent.NodeSeen(
                new io.terway.net.NodeName("other"),
                "u",
                Optional.empty(),
                Optional.empty(),
                PoolOverride.NONE,
                List.of(Cidr.parse("10.244.0.0/24")),
                Optional.empty(),
                false));
        rig.configure(VPC);
        rig.connect();

        assertEquals(List.of(Cidr.parse("10.244.1.0/24")), rig.podCidrs);
        assertEquals(254, rig.agent.offered.size());
    }

    @Test
    void aNewLeaderFindsTheBlockThatWasAnchored() {
        NodeRig rig = NodeRig.of(cloud, VPC);
        var before = rig.add(1);

        rig.failOver();

        assertEquals(1, cloud.routes.size());
        assertEquals(254, rig.agent.offered.size());
        assertEquals(
                before.addresses(),
                assertInstanceOf(AllocateOutcome.Proposed.class, rig.ask(1, Map.of()))
                        .addresses());
    }

    @Test
    void offersNothingAndSaysWhyWhileTheRouteTableIsFull() {
        cloud.routeQuota = 0;
        NodeRig rig = NodeRig.of(cloud, VPC);

        assertTrue(rig.noticed("RouteQuotaReached"));
        assertFalse(rig.status.sufficient());
        assertEquals(Map.of(), rig.agent.offered);
        cloud.routeQuota = 1;
        rig.pass(Duration.ofMinutes(2));
        assertEquals(254, rig.agent.offered.size());
        assertTrue(rig.status.sufficient());
    }

    @ParameterizedTest
    @ValueSource(strings = {PodWishes.OWN_ENI, PodWishes.FIXED, PodWishes.GROUP})
    void refusesWhatNeedsAnEniNamingTheMode(String annotation) {
        NodeRig rig = NodeRig.of(cloud, VPC);
        String value = annotation.equals(PodWishes.GROUP) ? "sg-a" : "true";

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(1, Map.of(annotation, value)));

        assertEquals(AllocateOutcome.Why.BAD_POD, refused.why());
        assertTrue(refused.message().contains("network_mode VPC"), refused.message());
    }

    @Test
    void coolsAFreedAddressAndGivesItAgain() {
        NodeRig rig =
                NodeRig.of(cloud, Map.of("network_mode", "VPC", "pod_cidr", "10.244.0.0/24", "node_cidr_mask", 28));
        for (int pod = 1; pod <= 14; pod++) {
            rig.add(pod);
        }
        assertEquals(
                AllocateOutcome.Why.NODE_FULL,
                assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(15, Map.of()))
                        .why());
        rig.delete(3);
        var again = rig.add(16);

        assertEquals(0, cloud.calls.getOrDefault("CreateEni", 0));
        assertEquals(1, again.addresses().size());
    }
}
