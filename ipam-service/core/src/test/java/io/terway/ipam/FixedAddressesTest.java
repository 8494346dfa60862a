package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FixedAddressesTest {

    private static final PodRef REDIS = new PodRef("db", "redis-0");

    private final FixedRig rig = new FixedRig(Map.of("min_pool_size", "2", "max_pool_size", "4"));
    private final ModelAgent one = rig.node("n1", "cn-hangzhou-h");
    private final ModelAgent two = rig.node("n2", "cn-hangzhou-h");

    @Test
    void theFirstAddressIsGivenOnlyWhenItIsWrittenDown() {
        rig.writes = false;
        AllocateOutcome before = rig.await(one, "redis-0", 1, FixedRig.FIXED);
        assertInstanceOf(AllocateOutcome.Pending.class, before, before::toString);
        assertEquals(1, rig.unwritten.size(), "one write, however often the pod asks");
        Ip wanted = rig.unwritten.getFirst().wanted().addresses().getFirst();

        rig.feed(rig.write());

        assertEquals(wanted, rig.add(one, "redis-0", 1));
        assertTrue(one.bound.get(FixedRig.sandbox("redis-0", 1)).fixed());
        var shown = assertInstanceOf(FixedCommand.Show.class, rig.commands.getLast());
        assertEquals(one.name, shown.address().place().orElseThrow().node());
    }

    @Test
    void anEnisOwnAddressIsNeverFixed() {
        Set<Ip> own = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            Ip ip = rig.add(one, "redis-" + i, 1);
            rig.cloud.enis.get(one.instance).values().forEach(eni -> eni.own().ifPresent(own::add));
            assertFalse(own.contains(ip), ip + " is an ENI's own");
        }
    }

    @Test
    void aWriteThatFailsIsTriedAgain() {
        rig.writes = false;
        rig.await(one, "redis-0", 1, FixedRig.FIXED);
        rig.unwritten.clear();
        rig.feed(new IpamEvent.PodNetInfoFailed(REDIS, "the API server is away"));
        var pending = assertInstanceOf(AllocateOutcome.Pending.class, rig.ask(one, "redis-0", 1, FixedRig.FIXED));
        assertEquals("the API server is away", pending.reason());

        rig.writes = true;

        rig.add(one, "redis-0", 1);
    }

    @Test
    void whoWroteFirstCounts() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofMinutes(1));
        FixedAddress other = rig.stored.get(REDIS);
        rig.loop = new IpamLoop(2);
        rig.stored.clear();
        rig.failOver(); // a leader that does not know of it yet
        rig.stored.put(REDIS, other);

        Ip again = rig.add(one, "redis-0", 2);

        assertEquals(ip, again);
    }

    @Test
    void comesBackOnTheSameNodeAtOnce() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        var before = rig.now;

        assertEquals(ip, rig.add(one, "redis-0", 2));
        assertTrue(Duration.between(before, rig.now).compareTo(FixedRig.COOL_DOWN) < 0, "no cool-down for its pod");
    }

    @Test
    void comesBackOnTheSameNodeAfterHours() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofHours(3));

        assertFalse(one.offered.containsKey(ip), "nobody else can take it on the node");
        assertEquals(List.of(one.instance), rig.instancesOf(ip), "it stays where it was");
        assertEquals(ip, rig.add(one, "redis-0", 2));
    }

    @Test
    void comesBackOnAnotherNodeOfTheZone() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);

        assertEquals(ip, rig.add(two, "redis-0", 2));
        assertEquals(List.of(two.instance), rig.instancesOf(ip));
        assertFalse(one.offered.containsKey(ip));
        rig.delete(two, "redis-0", 2);
        rig.pass(Duration.ofHours(1));
        assertEquals(ip, rig.add(one, "redis-0", 3), "and back");
    }

    @Test
    void doesNotLeaveANodeWhereASandboxStillHasIt() {
        Ip ip = rig.add(one, "redis-0", 1);

        AllocateOutcome outcome = rig.await(two, "redis-0", 2, FixedRig.FIXED);

        var pending = assertInstanceOf(AllocateOutcome.Pending.class, outcome);
        assertTrue(pending.reason().contains(ip + " is still held"), pending.reason());
        assertEquals(List.of(one.instance), rig.instancesOf(ip));
    }

    @Test
    void aPodMadeAgainBeforeItsReleaseWaitsForIt() {
        Ip ip = rig.add(one, "redis-0", 1);
        assertInstanceOf(AllocateOutcome.Pending.class, rig.ask(one, "redis-0", 2, FixedRig.FIXED));
        rig.delete(one, "redis-0", 1);

        assertEquals(ip, rig.add(one, "redis-0", 2));
    }

    @Test
    void anotherZoneIsRefusedWithAnEventThatNamesEverything() {
        ModelAgent far = rig.node("n3", "cn-hangzhou-i");
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.await(far, "redis-0", 2, FixedRig.FIXED));
        rig.ask(far, "redis-0", 2, FixedRig.FIXED);

        assertEquals(AllocateOutcome.Why.FIXED_ADDRESS, refused.why());
        for (String part : List.of("db/redis-0", ip.toString(), "cn-hangzhou-h", "n3", "cn-hangzhou-i")) {
            assertTrue(refused.message().contains(part), refused.message());
        }
        assertEquals(
                1,
                rig.commands.stream()
                        .filter(FixedCommand.Tell.class::isInstance)
                        .count(),
                "said once");
        assertEquals(ip, rig.add(two, "redis-0", 3));
    }

    @Test
    void aNewLeaderKnowsIt() {
        Ip running = rig.add(one, "redis-0", 1);
        Ip resting = rig.add(one, "redis-1", 1);
        rig.delete(one, "redis-1", 1);
        rig.pass(Duration.ofMinutes(5));

        rig.failOver();
        rig.pass(Duration.ofHours(2));

        assertEquals(List.of(one.instance), rig.instancesOf(resting), "not taken off as an idle one");
        assertEquals(resting, rig.add(two, "redis-1", 2));
        rig.delete(one, "redis-0", 1);
        assertEquals(running, rig.add(one, "redis-0", 2));
    }

    @Test
    void othersNeverGetIt() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofMinutes(5));
        for (int i = 0; i < 40; i++) {
            assertNotEquals(ip, rig.add(one, "web-" + i, 1, Map.of()));
        }
        for (int i = 0; i < 40; i++) {
            rig.delete(one, "web-" + i, 1);
        }
        rig.pass(Duration.ofHours(6));

        assertEquals(List.of(one.instance), rig.instancesOf(ip), "an idle pool shrinks without it");
        assertEquals(ip, rig.add(one, "redis-0", 2));
    }

    @Test
    void aFullNodeMakesRoom() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        int room = 3 * 15 - 4; // the ENIs' own addresses cannot make room
        for (int i = 0; i < room; i++) {
            rig.add(two, "web-" + i, 1, Map.of());
        }

        assertEquals(ip, rig.add(two, "redis-0", 2));
    }

    @Test
    void deletingThePodNetInfoFreesItOnceThePodIsGone() {
        Ip ip = rig.add(one, "redis-0", 1);
        FixedAddress gone = rig.stored.remove(REDIS);
        rig.feed(new IpamEvent.PodNetInfoGone(REDIS, gone.object()));
        assertTrue(one.held().contains(ip), "its pod keeps it as long as it runs");
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofMinutes(1));

        assertFalse(rig.loop.view(one.name).orElseThrow().addresses().stream()
                .anyMatch(line -> line.address().ip().equals(ip) && line.state() instanceof AddressState.Withdrawn));
        rig.add(two, "redis-0", 2);
        assertTrue(rig.stored.containsKey(REDIS), "a first binding again");
    }

    @Test
    void onePodNetInfoWithTheAddressOfAnotherIsNotFollowed() {
        Ip ip = rig.add(one, "redis-0", 1);
        FixedAddress copy = rig.store(new FixedAddress(
                new PodRef("db", "thief-0"),
                "",
                List.of(ip),
                rig.stored.get(REDIS).vSwitch(),
                one.zone,
                java.util.Optional.empty()));
        rig.feed(new IpamEvent.PodNetInfoSeen(copy));

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, rig.await(two, "thief-0", 1, FixedRig.FIXED));

        assertTrue(refused.message().contains("db/redis-0"), refused.message());
    }
}
