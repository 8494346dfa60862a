package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What raises and lowers a node's pool beside its idle addresses. */
class DemandTest {

    private static final Map<String, Object> LEAN = Map.of("min_pool_size", 0, "max_pool_size", 30);

    private final ModelCloud cloud = new ModelCloud(400);

    @Test
    void podsThatAreScheduledRaiseDemandBeforeTheyAsk() {
        NodeRig rig = NodeRig.of(cloud, LEAN);

        schedule(rig, 1, 8);
        rig.pass(Gathering.MOST);

        assertEquals(8, rig.agent.offered.size());
    }

    @Test
    void aRolloutIsOneOrder() {
        cloud.limits = new InstanceLimits(8, 30, 30, 10, true);
        NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 0, "max_pool_size", 0));

        for (int pod = 1; pod <= 110; pod++) {
            schedule(rig, pod, pod);
            rig.pass(Duration.ofMillis(2));
        }
        rig.pass(Gathering.MOST);

        assertEquals(110, rig.agent.offered.size());
        assertEquals(Map.of("CreateEni", 4), cloud.calls);
    }

    @Test
    void aTrickleOfPodsKeepsTheFirstWaitingOnlySoLong() {
        NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 0, "max_pool_size", 0));
        Duration gap = Gathering.QUIET.dividedBy(2);

        for (Duration passed = Duration.ZERO; passed.compareTo(Gathering.MOST) < 0; passed = passed.plus(gap)) {
            assertEquals(0, rig.agent.offered.size());
            int pod = (int) (passed.toMillis() + 1);
            schedule(rig, pod, pod);
            rig.pass(gap);
        }

        assertEquals(10, rig.agent.offered.size());
    }

    @Test
    void aPodAskedForAheadIsOneDemandWithItsSandboxUnderAnotherRequest() {
        NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 0, "max_pool_size", 0));
        rig.feed(ahead(rig, new Holder(new PodRef("ns", "c1"), "uid-c1")));

        rig.add(1);

        assertEquals(1, rig.agent.offered.size());
    }

    @Test
    void aPodThatAsksIsCountedOnce() {
        NodeRig rig = NodeRig.of(cloud, LEAN);
        schedule(rig, 1, 8);

        rig.add(1);

        assertEquals(8, rig.agent.offered.size());
    }

    @Test
    void aPodThatNeverAsksIsForgotten() {
        NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 0, "max_pool_size", 0));
        schedule(rig, 1, 8);

        rig.pass(Expected.PATIENCE.plusSeconds(1));

        assertEquals(0, rig.agent.offered.size());
    }

    @Test
    void aPodThatIsGoneIsNoDemand() {
        NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 0, "max_pool_size", 0));
        schedule(rig, 1, 1);

        rig.feed(new IpamEvent.PodSettled(rig.agent.name, "uid-c1"));
        rig.pass(Duration.ofSeconds(1));

        assertEquals(0, rig.agent.offered.size());
    }

    @Test
    void podsOfANodeWhoseAgentIsStillToComeCountWhenItDoes() {
        NodeRig rig = new NodeRig(cloud);
        rig.configure(LEAN);
        schedule(rig, 1, 5);

        rig.connect();

        assertEquals(5, rig.agent.offered.size());
    }

    @Test
    void predictionsAreOffByASwitch() {
        NodeRig rig = NodeRig.of(
                cloud, Map.of("min_pool_size", 0, "max_pool_size", 30, "ip_warmup", Map.of("predict", false)));

        schedule(rig, 1, 8);

        assertEquals(0, rig.agent.offered.size());
    }

    @Test
    void churnRaisesTheFloorAndItsEndLowersIt() {
        var churn = new Churn();
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        for (int i = 0; i < 600; i++) {
            now = now.plusMillis(500);
            churn.bound(now);
        }

        int busy = churn.needed(Duration.ofSeconds(30), now);

        assertTrue(busy > 70 && busy < 85, busy + " for 2 a second over 40 s");
        assertEquals(0, churn.needed(Duration.ofSeconds(30), now.plusSeconds(600)));
    }

    @Test
    void churnLeavesRoomBetweenFloorAndCeiling() {
        PoolTargets targets = new PoolTargets(10, 25, true, 10, Duration.ofSeconds(300), 0, true);

        assertEquals(20, targets.raisedTo(80).min());
        assertEquals(10, targets.raisedTo(3).min());
    }

    @Test
    void aNamespaceGetsNoMoreThanItsQuota() {
        NodeRig rig = NodeRig.of(cloud, LEAN);
        rig.add(1);
        rig.feed(new IpamEvent.NamespaceSeen("ns", OptionalInt.of(2)));
        rig.add(2);

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(3, Map.of()));
        assertEquals(AllocateOutcome.Why.QUOTA, refused.why());
        assertTrue(refused.message().contains("namespace ns has 2 pods"), refused.message());

        rig.delete(1);
        rig.add(4);
        rig.feed(new IpamEvent.NamespaceSeen("ns", OptionalInt.empty()));
        rig.add(3);
    }

    @Test
    void aPodThatWasAskedForAheadCountsOnce() {
        NodeRig rig = NodeRig.of(cloud, LEAN);
        rig.feed(new IpamEvent.NamespaceSeen("ns", OptionalInt.of(2)));
        Holder pod = new Holder(new PodRef("ns", "early"), "uid-early");
        var question = ahead(rig, pod);
        rig.feed(question);
        rig.pass(Duration.ofSeconds(5));
        rig.feed(question);
        var proposed = assertInstanceOf(AllocateOutcome.Proposed.class, rig.answer);
        rig.agent.commit(new SandboxKey("terway", "real", "eth0"), pod, proposed);
        rig.feed(rig.agent.report());

        rig.add(1); // the second of two

        assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(2, Map.of()));
    }

    @Test
    void aDrainedNodeGivesItsEnisBackAtOnce() {
        NodeRig rig = NodeRig.of(cloud, Map.of("pre_attach_eni_count", 2));
        rig.add(1);
        assertEquals(2, rig.enis(CloudEni.Use.SECONDARY).size());

        rig.draining = true;
        rig.seen();
        rig.delete(1);
        rig.pass(Duration.ofSeconds(61));

        assertEquals(List.of(), rig.enis(CloudEni.Use.SECONDARY));
    }

    @Test
    void spillsToAnotherVSwitchOfTheZone() {
        NodeRig rig = NodeRig.of(
                cloud, Map.of("vswitches", Map.of("cn-hangzhou-h", List.of("vsw-h", "vsw-2")), "min_pool_size", 4));
        var create = assertInstanceOf(PoolCommand.CreateEni.class, rig.commands.getFirst());

        assertEquals(List.of(new VSwitchId("vsw-h"), new VSwitchId("vsw-2")), create.vSwitches());
    }

    /** Found by the simulation: two pods waited for ever beside three free addresses, as four were asked for each time. */
    @Test
    void theLastAddressesOfAVSwitchAreUsedThoughMoreWereWanted() {
        NodeRig rig = NodeRig.of(new ModelCloud(7), Map.of("min_pool_size", 4, "max_pool_size", 30));
        for (int pod = 1; pod <= 7; pod++) {
            rig.add(pod);
        }

        assertEquals(7, rig.agent.bound.size());
    }

    /** Found by the simulation: a node with room for five more addresses was taken for full. */
    @Test
    void anEniThatItsAgentDoesNotLetGoOfIsUsedOn() {
        cloud.limits = new InstanceLimits(2, 15, 15, 10, true);
        NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 0, "max_pool_size", 0));
        List<EniIp> addresses = rig.add(1).addresses();
        rig.delete(1);
        rig.agent.cooling.clear();
        rig.agent.commit(ModelAgent.sandbox(2), addresses); // by its own chooser, before it is asked to let go
        rig.pass(Duration.ofSeconds(31));
        rig.feed(rig.agent.report());

        rig.add(3);

        assertEquals(
                addresses.getFirst().eni(),
                rig.agent
                        .bound
                        .get(ModelAgent.sandbox(3))
                        .addresses()
                        .getFirst()
                        .eni());
    }

    @Test
    void anExhaustedVSwitchIsAskedAgainAfterAMinute() {
        NodeRig rig = NodeRig.of(new ModelCloud(2), Map.of("min_pool_size", 2, "max_pool_size", 30));
        rig.add(1);
        rig.add(2);
        assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(3, Map.of()));

        rig.cloud.free.add(Ip.parse("10.0.65.1"));
        rig.pass(Shortages.SHORT_FOR);

        rig.add(3);
    }

    @Test
    void aVSwitchInsideItsReserveServesWaitingPodsOnly() {
        NodeRig rig = new NodeRig(cloud);
        rig.configure(Map.of("ip_allocation_policy", Map.of("ip_reserve_percent", 20)));
        rig.feed(new IpamEvent.VSwitchesSeen(List.of(
                new VSwitchSupply(ModelCloud.VSWITCH, new ZoneId("cn-hangzhou-h"), Cidr.parse("10.0.64.0/20"), 100))));
        rig.connect();
        assertEquals(0, rig.agent.offered.size(), "no warm-up");

        rig.add(1);

        assertEquals(1, rig.agent.offered.size());
    }

    @Test
    void aMachineIsGoneOnlyOnTheSecondSight() {
        NodeRig rig = NodeRig.of(cloud, Map.of());
        rig.feed(new IpamEvent.SessionClosed(rig.agent.session));
        rig.feed(released(rig));
        assertTrue(rig.loop.view(rig.agent.name).isPresent());

        rig.pass(CloudSide.SECOND_SIGHT.minusSeconds(1));
        rig.feed(released(rig));
        assertTrue(rig.loop.view(rig.agent.name).isPresent(), "two sights in a breath are one");
        rig.now = rig.now.plusSeconds(1);
        rig.feed(released(rig));

        assertFalse(rig.loop.view(rig.agent.name).isPresent());
    }

    @Test
    void theRouteOfAMachineThatIsGoneGoesToo() {
        NodeRig rig = NodeRig.of(cloud, Map.of("network_mode", "VPC", "pod_cidr", "10.244.0.0/16"));
        assertEquals(1, cloud.routes.size());
        rig.feed(new IpamEvent.SessionClosed(rig.agent.session));
        rig.feed(released(rig));
        rig.now = rig.now.plus(CloudSide.SECOND_SIGHT);
        rig.feed(released(rig));

        assertEquals(Map.of(), cloud.routes);
    }

    @Test
    void aNewLeaderTakesAwayRoutesToMachinesThatAreGone() {
        NodeRig rig = NodeRig.of(cloud, Map.of("network_mode", "VPC", "pod_cidr", "10.244.0.0/16"));
        ModelAgent gone = new ModelAgent("n9");
        cloud.routes.put(Cidr.parse("10.244.9.0/24"), gone.instance);
        cloud.released.add(gone.instance);

        rig.feed(new IpamEvent.RoutesSeen(cloud.routes));
        rig.pass(CloudSide.SECOND_SIGHT.plusSeconds(1));

        assertEquals(1, cloud.routes.size());
        assertFalse(cloud.routes.containsValue(gone.instance));
    }

    @Test
    void aNodeWhoseAddressesAreAllInUseIsFull() {
        cloud.limits = new InstanceLimits(2, 3, 0);
        NodeRig rig = NodeRig.of(cloud, Map.of());
        rig.add(1);
        rig.add(2);
        assertFalse(rig.status.full());
        assertTrue(rig.status.ready());

        rig.add(3);

        assertTrue(rig.status.full());
    }

    private static IpamEvent.InstanceSeen released(NodeRig rig) {
        CloudInstance seen = rig.cloud.describe(rig.agent.instance);
        return new IpamEvent.InstanceSeen(new CloudInstance(
                seen.id(), seen.type(), seen.zone(), true, seen.limits(), List.of(), seen.primaryVSwitch(), List.of()));
    }

    /** What an agent asks before the pod has a sandbox. */
    private static IpamEvent.Allocate ahead(NodeRig rig, Holder pod) {
        return new IpamEvent.Allocate(
                900,
                new RequestId("r-ahead"),
                rig.agent.session,
                rig.agent.name,
                new SandboxKey("terway", "ahead-" + pod.uid(), "eth0"),
                pod,
                Set.of(Family.IPV4),
                rig.now.plusSeconds(30),
                Set.of());
    }

    private static void schedule(NodeRig rig, int from, int to) {
        NodeName node = rig.agent.name;
        for (int pod = from; pod <= to; pod++) {
            rig.feed(new IpamEvent.PodScheduled(node, "uid-c" + pod, Map.of()));
        }
    }
}
