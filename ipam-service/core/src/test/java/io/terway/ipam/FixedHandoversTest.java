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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fixed address whose pod runs on nodes of two shards in turn. */
class FixedHandoversTest {

    private static final PodRef REDIS = new PodRef("db", "redis-0");
    private static final Map<String, Object> LEAN = Map.of("min_pool_size", "0", "max_pool_size", "0");

    private final ShardsRig rig = new ShardsRig(LEAN);
    private final ModelAgent one = rig.node(0, 0);
    private final ModelAgent two = rig.node(1, 0);

    @ParameterizedTest
    @ValueSource(strings = {"ENIIP", "ENI", "Trunk"})
    void followsItsPodToANodeOfAnotherShardAndBack(String mode) {
        ShardsRig rig = new ShardsRig(Map.of("network_mode", mode, "min_pool_size", "0", "max_pool_size", "0"));
        ModelAgent one = rig.node(0, 0);
        ModelAgent two = rig.node(1, 0);
        Ip ip = rig.add(one, "redis-0", 1, FixedRig.FIXED);

        for (int life = 2; life < 6; life++) {
            ModelAgent from = life % 2 == 0 ? one : two;
            ModelAgent to = life % 2 == 0 ? two : one;
            rig.delete(from, "redis-0", life - 1);

            assertEquals(ip, rig.add(to, "redis-0", life, FixedRig.FIXED), "life " + life);

            assertEquals(List.of(to.instance), rig.of(to).instancesOf(ip));
            assertEquals(to.name, rig.stored.get(REDIS).place().orElseThrow().node());
            assertFalse(from.offered.containsKey(ip), "its former node cannot use it");
            assertEquals(1, rig.of(to).loop.fixedBound());
            assertEquals(0, rig.of(from).loop.fixedBound());
        }
    }

    @Test
    void stayesWhereASandboxHasItAndFollowsOnceThatIsGone() {
        Ip ip = rig.add(one, "redis-0", 1, FixedRig.FIXED);

        var waits = assertInstanceOf(AllocateOutcome.Pending.class, rig.await(two, "redis-0", 2, FixedRig.FIXED));

        assertTrue(waits.reason().contains("at node " + one.name + ", which shard 0"), waits.reason());
        assertEquals(List.of(one.instance), rig.of(one).instancesOf(ip));
        rig.delete(one, "redis-0", 1);
        assertEquals(ip, rig.add(two, "redis-0", 2, FixedRig.FIXED));
    }

    @Test
    void isHandedOverByTheNextLeaderWhereTheFirstOneEndsBeforeItWrites() {
        Ip ip = rig.add(one, "redis-0", 1, FixedRig.FIXED);
        rig.delete(one, "redis-0", 1);
        rig.writes = false;
        assertInstanceOf(AllocateOutcome.Pending.class, rig.await(two, "redis-0", 2, FixedRig.FIXED));
        assertEquals(List.of(), rig.of(one).instancesOf(ip), "taken off, and nobody knows");

        rig.writes = true;
        rig.failOver(0);
        rig.failOver(1);

        assertEquals(ip, rig.add(two, "redis-0", 2, FixedRig.FIXED));
    }

    @Test
    void comesBackToItsFirstNodeWhereThePodDoes() {
        Ip ip = rig.add(one, "redis-0", 1, FixedRig.FIXED);
        rig.delete(one, "redis-0", 1);
        rig.of(two).ask(two, "redis-0", 2, FixedRig.FIXED);
        rig.pass(Duration.ofMillis(1));

        assertEquals(ip, rig.add(one, "redis-0", 3, FixedRig.FIXED));

        assertEquals(List.of(one.instance), rig.of(one).instancesOf(ip));
        assertEquals(Map.of(), rig.wantedAt, "the question is over");
    }

    @Test
    void stayesWhereTheNodeHasNotSpokenSinceItsLeaderBegan() {
        Ip ip = rig.add(one, "redis-0", 1, FixedRig.FIXED);
        rig.delete(one, "redis-0", 1);
        FixedRig shard = rig.of(one);
        shard.agents.clear();
        rig.failOver(0);
        shard.feed(new IpamEvent.InstanceSeen(rig.cloud.describe(one.instance)));

        assertInstanceOf(AllocateOutcome.Pending.class, rig.await(two, "redis-0", 2, FixedRig.FIXED));

        assertEquals(List.of(one.instance), shard.instancesOf(ip));
    }

    @Test
    void nobodyElseGetsItBeforeItsCoolDownIsOver() {
        Ip ip = rig.add(one, "redis-0", 1, FixedRig.FIXED);
        rig.delete(one, "redis-0", 1);
        rig.add(two, "redis-0", 2, FixedRig.FIXED);
        rig.of(two).agents.get(two.instance).release(FixedRig.sandbox("redis-0", 2), rig.of(two).now, Duration.ZERO);
        rig.of(two).feed(two.report());
        rig.stored.remove(REDIS);
        rig.pass(Duration.ofSeconds(1));

        Set<Ip> given = new HashSet<>();
        for (int pod = 0; pod < 5; pod++) {
            given.add(rig.add(two, "web-" + pod, 1, Map.of()));
        }

        assertFalse(given.contains(ip), "it was another pod's some seconds ago");
    }

    @Test
    void theShardThatLooksAfterItCountsForHowLongNobodyWantsIt() {
        rig.add(one, "redis-0", 1, FixedRig.FIXED);
        rig.shards.forEach(shard -> shard.feed(new IpamEvent.PodWanted(REDIS, true)));
        rig.delete(one, "redis-0", 1);
        rig.of(two).ask(two, "redis-0", 2, FixedRig.FIXED); // and is deleted at once
        rig.shards.forEach(shard -> shard.feed(new IpamEvent.PodWanted(REDIS, false)));
        for (int i = 0; i < 20; i++) {
            rig.pass(Duration.ofSeconds(1));
        }
        assertEquals(two.name, rig.stored.get(REDIS).place().orElseThrow().node(), "handed over all the same");

        rig.shards.forEach(shard -> shard.pass(Duration.ofDays(8)));

        assertFalse(released(rig.of(one)), "no longer its");
        assertTrue(released(rig.of(two)));
    }

    private static boolean released(FixedRig shard) {
        return shard.commands.stream().anyMatch(FixedCommand.Release.class::isInstance);
    }

    @Test
    void eachQuestionIsPutOnceAndThenNowAndThen() {
        rig.add(one, "redis-0", 1, FixedRig.FIXED);
        FixedRig shard = rig.of(two);
        for (int i = 0; i < 30; i++) {
            shard.ask(two, "redis-0", 2, FixedRig.FIXED);
            shard.pass(Duration.ofMillis(300));
        }

        long asked = shard.commands.stream()
                .filter(FixedCommand.Ask.class::isInstance)
                .count();

        assertEquals(2, asked, "in 9 s");
        assertNotEquals(Map.of(), rig.stored);
    }
}
