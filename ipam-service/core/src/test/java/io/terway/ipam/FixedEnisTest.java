package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pod with an ENI of its own keeps the whole ENI. */
class FixedEnisTest {

    private static final PodRef REDIS = new PodRef("db", "redis-0");

    /** Where pods get ENIs of their own, and how. */
    enum World {
        ENI("ENI", Map.of(), Attachment.EXCLUSIVE),
        TRUNK("Trunk", Map.of(), Attachment.TRUNK_MEMBER),
        ENIIP_OWN("ENIIP", Map.of(PodWishes.OWN_ENI, "true"), Attachment.EXCLUSIVE),
        ENIIP_GROUPS("ENIIP", Map.of(PodWishes.GROUPS, "sg-db"), Attachment.EXCLUSIVE);

        final Map<String, String> wishes;
        final Attachment attachment;
        final FixedRig rig;
        final ModelAgent one;
        final ModelAgent two;

        World(String mode, Map<String, String> wishes, Attachment attachment) {
            this.wishes = new java.util.HashMap<>(wishes);
            this.wishes.put(PodWishes.FIXED, "true");
            this.attachment = attachment;
            rig = new FixedRig(Map.of("network_mode", mode, "min_pool_size", "0", "max_pool_size", "0"));
            one = rig.node("n1", "cn-hangzhou-h");
            two = rig.node("n2", "cn-hangzhou-h");
        }

        Ip add(ModelAgent node, String pod, int life) {
            return rig.add(node, pod, life, wishes);
        }
    }

    private static EniId eniOf(FixedRig rig, Ip ip) {
        return Stream.concat(
                        rig.cloud.detached.values().stream(),
                        rig.cloud.enis.values().stream().flatMap(enis -> enis.values().stream()))
                .filter(eni -> eni.all().contains(ip))
                .findFirst()
                .orElseThrow()
                .id();
    }

    @ParameterizedTest
    @EnumSource(World.class)
    void followsItsPodWithTheWholeEniAndBack(World world) {
        FixedRig rig = world.rig;
        Ip ip = world.add(world.one, "redis-0", 1);
        EniId eni = eniOf(rig, ip);
        assertEquals(world.attachment, rig.stored.get(REDIS).attachment());
        assertTrue(world.one.bound.get(FixedRig.sandbox("redis-0", 1)).fixed());
        rig.delete(world.one, "redis-0", 1);

        assertEquals(ip, world.add(world.one, "redis-0", 2), "on the same node");
        rig.delete(world.one, "redis-0", 2);
        assertEquals(ip, world.add(world.two, "redis-0", 3), "on another node");

        assertEquals(eni, eniOf(rig, ip));
        assertEquals(List.of(world.two.instance), rig.instancesOf(ip));
        assertEquals(
                world.attachment,
                world.two.bound.get(FixedRig.sandbox("redis-0", 3)).attachment());
        rig.delete(world.two, "redis-0", 3);
        rig.pass(Duration.ofHours(1));
        assertEquals(ip, world.add(world.one, "redis-0", 4), "and back");
        assertEquals(eni, eniOf(rig, ip));
    }

    @Test
    void hasThePodsGroupsWhenItIsGiven() {
        World world = World.ENIIP_GROUPS;
        Ip ip = world.add(world.one, "grouped-0", 1);
        world.rig.delete(world.one, "grouped-0", 1);
        world.rig.pass(Duration.ofMinutes(10));

        world.add(world.two, "grouped-0", 2);

        CloudEni eni = world.rig.cloud.enis.get(world.two.instance).get(eniOf(world.rig, ip));
        assertEquals(List.of(new SecurityGroupId("sg-db")), eni.groups());
    }

    private final FixedRig rig =
            new FixedRig(Map.of("network_mode", "ENI", "min_pool_size", "0", "max_pool_size", "0"));
    private final ModelAgent one = rig.node("n1", "cn-hangzhou-h");
    private final ModelAgent two = rig.node("n2", "cn-hangzhou-h");

    @Test
    void anotherZoneIsRefused() {
        ModelAgent far = rig.node("n3", "cn-hangzhou-i");
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.await(far, "redis-0", 2, FixedRig.FIXED));

        assertTrue(refused.message().contains("cn-hangzhou-i"), refused.message());
        assertEquals(List.of(one.instance), rig.instancesOf(ip), "it stays");
    }

    @Test
    void aRestingEniGivesWayToAPodThatWaits() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 3; i++) {
            rig.add(one, "web-" + i, 1);
        }

        assertEquals(List.of(), rig.instancesOf(ip), "detached");
        assertTrue(rig.cloud.detached.containsKey(eniOf(rig, ip)), "and kept");
        rig.delete(one, "web-0", 1);
        rig.pass(Duration.ofMinutes(1));
        assertEquals(ip, rig.add(one, "redis-0", 2), "web-0's gives way in turn");
    }

    @Test
    void anIdleEniOfThePoolGivesWayToTheOneThatMoves() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        for (int i = 0; i < 3; i++) {
            rig.add(two, "web-" + i, 1, Map.of());
        }
        rig.delete(two, "web-1", 1);

        assertEquals(ip, rig.add(two, "redis-0", 2));
    }

    @Test
    void aNewLeaderFindsADetachedEniAgain() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 3; i++) {
            rig.add(one, "web-" + i, 1);
        }
        assertEquals(List.of(), rig.instancesOf(ip));

        rig.failOver();

        assertEquals(ip, rig.add(two, "redis-0", 2));
    }

    @Test
    void aDetachedEniIsDeletedWithItsPodNetInfo() {
        Ip ip = rig.add(one, "redis-0", 1);
        EniId eni = eniOf(rig, ip);
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 3; i++) {
            rig.add(one, "web-" + i, 1);
        }

        rig.feed(new IpamEvent.PodNetInfoGone(REDIS, rig.stored.remove(REDIS).object()));

        assertFalse(rig.cloud.detached.containsKey(eni), "deleted");
        assertTrue(rig.cloud.free.contains(ip));
    }

    @Test
    void anEniThatTheCloudLostIsSaidToBeGone() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        rig.await(two, "redis-0", 2, FixedRig.FIXED);
        rig.cloud.enis.get(two.instance).remove(eniOf(rig, ip));
        rig.feed(new IpamEvent.InstanceSeen(rig.cloud.describe(two.instance)));

        AllocateOutcome outcome = rig.await(one, "redis-0", 3, FixedRig.FIXED);

        var pending = assertInstanceOf(AllocateOutcome.Pending.class, outcome, outcome::toString);
        assertTrue(pending.reason().contains("NotFound"), pending.reason());
        assertTrue(pending.reason().contains("delete PodNetInfo db/redis-0"), pending.reason());
        var told = (FixedCommand.Tell) rig.commands.stream()
                .filter(command -> command instanceof FixedCommand.Tell tell
                        && tell.reason().equals("FixedAddressDelayed"))
                .findFirst()
                .orElseThrow();
        assertEquals(REDIS, told.pod());
    }
}
