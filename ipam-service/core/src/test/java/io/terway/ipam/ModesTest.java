package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModesTest {

    private static final Map<String, String> OWN_ENI = Map.of(PodWishes.OWN_ENI, "true");
    private static final Map<String, String> GROUP = Map.of(PodWishes.GROUP, "sg-app");
    private static final List<SecurityGroupId> APP = List.of(new SecurityGroupId("sg-app"));
    private static final List<SecurityGroupId> POOL = List.of(ModelCloud.POOL_GROUP);
    private static final Duration A_WHILE = Duration.ofMinutes(20);

    private final ModelCloud cloud = new ModelCloud(400);

    @Test
    void eniModeKeepsWholeEnisReady() {
        NodeRig rig = rig("ENI", "min_pool_size", 1, "max_pool_size", 2);

        assertEquals(1, rig.enis(CloudEni.Use.SECONDARY).size());
        assertEquals(3, rig.config.capacity(), "ENIs beside the primary one");
        assertEquals(1, rig.agent.offered.size(), "its own address only");
    }

    @Test
    void eniModeGivesEachPodAnEniOfItsOwn() {
        NodeRig rig = rig("ENI", "min_pool_size", 0, "max_pool_size", 2);

        var first = rig.add(1);
        var second = rig.add(2);

        assertEquals(Attachment.EXCLUSIVE, first.attachment());
        assertNotEquals(rig.eniOf(first).id(), rig.eniOf(second).id());
        assertEquals(
                rig.eniOf(first).own().orElseThrow(),
                first.addresses().getFirst().ip());
        assertEquals(List.of(), rig.eniOf(first).addresses(), "created without secondary addresses");
    }

    @Test
    void eniModeRefusesThePodThatNoSlotIsLeftFor() {
        NodeRig rig = rig("ENI");
        rig.add(1);
        rig.add(2);
        rig.add(3);

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(4, Map.of()));

        assertEquals(AllocateOutcome.Why.NODE_FULL, refused.why());
        assertTrue(
                refused.message().contains("3 are pods' own and the instance type allows 4 ENIs"), refused.message());
    }

    @Test
    void eniModeReturnsEnisThatStayIdle() {
        NodeRig rig = rig("ENI", "min_pool_size", 0, "max_pool_size", 3);
        rig.add(1);
        rig.delete(1);

        rig.pass(A_WHILE);

        assertEquals(List.of(), rig.enis(CloudEni.Use.SECONDARY));
        assertEquals(Map.of(), rig.agent.offered);
    }

    @Test
    void setsThePodsGroupsBeforeItAnswersAndThePoolsAfterItsRelease() {
        NodeRig rig = rig("ENI", "min_pool_size", 1, "max_pool_size", 3);

        var proposed = rig.add(1, GROUP);
        assertEquals(APP, rig.eniOf(proposed).groups());
        assertEquals(Set.of(rig.eniOf(proposed).id()), rig.ofPods, "the agent knows that it is no ordinary one");
        rig.delete(1);

        assertEquals(POOL, rig.eniOf(proposed).groups());
        assertEquals(Set.of(), rig.ofPods, "and that it is one again");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ENI", "Trunk"})
    void groupsThatAreChangedUnderAPodAreChangedOnItsEni(String mode) {
        NodeRig rig = rig(mode, "min_pool_size", 1, "max_pool_size", 3);
        var proposed = rig.add(1);
        String uid = ModelAgent.holder(ModelAgent.sandbox(1)).uid();
        assertEquals(POOL, rig.eniOf(proposed).groups());

        rig.feed(new IpamEvent.PodRegrouped(rig.agent.name, uid, GROUP));
        assertEquals(APP, rig.eniOf(proposed).groups());
        assertEquals(Set.of(rig.eniOf(proposed).id()), rig.ofPods, "the agent gives it to nobody else with them");

        rig.failOver();
        rig.feed(new IpamEvent.PodRegrouped(rig.agent.name, uid, Map.of()));
        assertEquals(POOL, rig.eniOf(proposed).groups(), "also back, and under another leader");
        assertEquals(Set.of(), rig.ofPods);
        rig.feed(new IpamEvent.PodSettled(rig.agent.name, uid));
        rig.add(2);
    }

    @Test
    void groupsThatTheCloudDoesNotKnowLeaveAPodItsOwn() {
        cloud.noSuchGroup = Set.copyOf(APP);
        NodeRig rig = rig("ENI", "min_pool_size", 1, "max_pool_size", 3);
        var proposed = rig.add(1);
        String uid = ModelAgent.holder(ModelAgent.sandbox(1)).uid();

        rig.feed(new IpamEvent.PodRegrouped(rig.agent.name, uid, GROUP));
        rig.pass(Duration.ofMinutes(1));

        assertEquals(POOL, rig.eniOf(proposed).groups());
        assertTrue(
                rig.notices.stream().anyMatch(notice -> notice.message().contains("sg-app")), rig.notices.toString());
        assertTrue(cloud.calls.get("ModifyEni") < 5, cloud.calls.toString());
    }

    @Test
    void anEniMadeForAPodHasItsGroupsFromTheStart() {
        NodeRig rig = rig("ENI", "min_pool_size", 0, "max_pool_size", 3);

        rig.add(1, GROUP);

        assertFalse(cloud.calls.containsKey("ModifyEni"), cloud.calls.toString());
    }

    @Test
    void groupsThatTheCloudDoesNotKnowAreThePodsTrouble() {
        cloud.noSuchGroup = Set.copyOf(APP);
        NodeRig rig = rig("ENI", "min_pool_size", 1, "max_pool_size", 3);

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(1, GROUP));

        assertEquals(AllocateOutcome.Why.BAD_POD, refused.why());
        assertTrue(refused.message().contains("sg-app"), refused.message());
        rig.pass(Duration.ofMinutes(1));
        rig.add(2);
    }

    @Test
    void trunkModeGivesMembersBehindOneTrunk() {
        NodeRig rig = rig("Trunk", "min_pool_size", 2, "max_pool_size", 4);

        var proposed = rig.add(1);

        assertEquals(1, rig.enis(CloudEni.Use.TRUNK).size());
        CloudEni member = rig.eniOf(proposed);
        CloudEni trunk = rig.enis(CloudEni.Use.TRUNK).getFirst();
        assertEquals(Attachment.TRUNK_MEMBER, proposed.attachment());
        assertEquals(CloudEni.Use.MEMBER, member.use());
        assertEquals(trunk.id(), member.trunk().orElseThrow());
        assertTrue(rig.described.containsKey(trunk.id()), "the agent finds the trunk's link by its description");
        assertTrue(member.vlan() > 0);
        assertEquals(6, rig.config.capacity(), "10 in total less 4 ENIs");
        assertFalse(rig.agent.offered.containsKey(trunk.own().orElseThrow()), "the trunk's address is nobody's");
    }

    @Test
    void trunkModeKeepsItsTrunkWhenAllMembersGo() {
        NodeRig rig = rig("Trunk", "min_pool_size", 0, "max_pool_size", 4);
        rig.add(1);
        rig.delete(1);

        rig.pass(A_WHILE);

        assertEquals(List.of(), rig.enis(CloudEni.Use.MEMBER));
        assertEquals(1, rig.enis(CloudEni.Use.TRUNK).size());
    }

    @Test
    void trunkModeOnATypeWithoutTrunksSaysSo() {
        cloud.limits = new InstanceLimits(4, 15, 15);
        NodeRig rig = rig("Trunk");

        assertTrue(rig.noticed("TrunkUnsupported"));
    }

    @Test
    void inEniipModeAPodThatAsksGetsAnEniThatNobodyShares() {
        NodeRig rig = rig("ENIIP");

        var own = rig.add(1, GROUP);
        for (int pod = 2; pod < 20; pod++) {
            assertNotEquals(rig.eniOf(own).id(), rig.eniOf(rig.add(pod)).id());
        }

        assertEquals(Attachment.EXCLUSIVE, own.attachment());
        assertEquals(APP, rig.eniOf(own).groups());
        assertEquals(List.of(), rig.eniOf(own).addresses());
    }

    @Test
    void anEniOfOneEniipPodIsStillItsOwnAfterAFailOver() {
        NodeRig rig = rig("ENIIP");
        var own = rig.add(1, OWN_ENI);

        rig.failOver();

        for (int pod = 2; pod < 20; pod++) {
            assertNotEquals(rig.eniOf(own).id(), rig.eniOf(rig.add(pod)).id());
        }
    }

    @Test
    void inEniipModeAnEniOfItsOwnIsRefusedWhenNoSlotIsLeft() {
        NodeRig rig = rig("ENIIP");
        for (int pod = 1; pod <= 45; pod++) {
            rig.add(pod);
        }

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(46, OWN_ENI));

        assertTrue(refused.message().contains("no ENI slot is left"), refused.message());
    }

    @Test
    void whereOwnEnisArePreferredAPodSharesOneWhenNoSlotIsLeft() {
        NodeRig rig = rig("ENIIP", "own_eni", "preferred");
        for (int pod = 1; pod <= 44; pod++) {
            rig.add(pod);
        }

        assertEquals(Attachment.SHARED, rig.add(45, OWN_ENI).attachment());
        assertInstanceOf(AllocateOutcome.Refused.class, rig.ask(46, GROUP), "groups are never left out");
    }

    @Test
    void inEniipModeWithATrunkThePreferenceDecides() {
        NodeRig members = rig("ENIIP", "trunk_on", true);
        NodeRig enis = new NodeRig(new ModelCloud(400));
        enis.configure(Map.of("trunk_on", true, "eni_cap_policy", "prefer_eni"));
        enis.connect();

        assertEquals(Attachment.TRUNK_MEMBER, members.add(1, OWN_ENI).attachment());
        assertEquals(Attachment.EXCLUSIVE, enis.add(1, OWN_ENI).attachment());
    }

    @Test
    void annotationsThatDifferAreRefused() {
        NodeRig rig = rig("ENIIP");

        var refused = assertInstanceOf(
                AllocateOutcome.Refused.class,
                rig.ask(1, Map.of(PodWishes.GROUP, "sg-a", PodWishes.GROUPS, "sg-a,sg-b")));

        assertEquals(AllocateOutcome.Why.BAD_POD, refused.why());
        assertTrue(refused.message().contains("differ"), refused.message());
    }

    @Test
    void aModeIsTakenOverOnceANodeHasNoPods() {
        NodeRig rig = rig("ENIIP");
        rig.add(1);

        rig.configure(Map.of("network_mode", "ENI", "min_pool_size", 1, "max_pool_size", 2));
        assertTrue(rig.noticed("ModeChangeRefused"));
        assertEquals(EniConfig.Mode.ENIIP, rig.config.mode());
        assertEquals(Attachment.SHARED, rig.add(2).attachment());
        rig.delete(1);
        rig.delete(2);
        rig.pass(A_WHILE);

        assertEquals(EniConfig.Mode.ENI, rig.config.mode());
        assertEquals(Attachment.EXCLUSIVE, rig.add(3).attachment());
    }

    private NodeRig rig(String mode, Object... conf) {
        Map<String, Object> eniConf = new HashMap<>(Map.of("network_mode", mode));
        for (int i = 0; i < conf.length; i += 2) {
            eniConf.put((String) conf[i], conf[i + 1]);
        }
        return NodeRig.of(cloud, eniConf);
    }
}
