package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionTest {

    private static final PodRef REDIS = new PodRef("db", "redis-0");
    private static final Duration DAY = Duration.ofDays(1);

    private final FixedRig rig = new FixedRig(
            Map.of("min_pool_size", "0", "max_pool_size", "0"), new FixedSettings(100, 5, Retention.of(DAY)));
    private final ModelAgent one = rig.node("n1", "cn-hangzhou-h");
    private final ModelAgent two = rig.node("n2", "cn-hangzhou-h");

    private Ip addAndDelete(String pod, Map<String, String> annotations) {
        Map<String, String> wishes = new HashMap<>(annotations);
        wishes.putAll(FixedRig.FIXED);
        Ip ip = rig.add(one, pod, 1, wishes);
        rig.delete(one, pod, 1);
        return ip;
    }

    private List<FixedCommand.Release> releases() {
        return rig.commands.stream()
                .filter(FixedCommand.Release.class::isInstance)
                .map(FixedCommand.Release.class::cast)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"0, PT0S", "90, PT90S", "45s, PT45S", "30m, PT30M", "36h, PT36H", "7d, PT168H", "365d, PT8760H"})
    void aNumberHasAUnitOrIsOfSeconds(String text, Duration time) {
        assertEquals(Retention.of(time), Retention.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "never", "-1", "1w", "1.5h", "366d", "9999999999", "5 m"})
    void anythingElseIsRefusedWithItsValue(String text) {
        var e = assertThrows(IllegalArgumentException.class, () -> Retention.parse(text));
        assertTrue(e.getMessage().contains("retention"), e.getMessage());
    }

    @Test
    void anAddressIsReleasedOnceNobodyHasWantedItsPodForItsTime() {
        Ip ip = addAndDelete("redis-0", Map.of());
        rig.pass(Duration.ofDays(3));
        assertEquals(List.of(), releases(), "its pod is wanted as long as nobody says otherwise");
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        rig.pass(DAY.minusSeconds(1));
        assertEquals(List.of(), releases());

        rig.pass(Duration.ofSeconds(2));

        assertEquals(REDIS, releases().getFirst().address().pod());
        rig.feed(new IpamEvent.PodNetInfoGone(REDIS, rig.stored.remove(REDIS).object()));
        rig.pass(Duration.ofMinutes(10));
        assertEquals(List.of(), rig.instancesOf(ip), "the cloud has it back");
    }

    @Test
    void itsOwnerBackInTimeStartsTheCountAnew() {
        Ip ip = addAndDelete("redis-0", Map.of());
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        rig.pass(Duration.ofHours(23));
        rig.feed(new IpamEvent.PodWanted(REDIS, true));
        rig.pass(Duration.ofHours(23));
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        rig.pass(Duration.ofHours(23));

        assertEquals(List.of(), releases());
        assertEquals(ip, rig.add(two, "redis-0", 2));
    }

    @Test
    void aNewLeaderGoesOnCounting() {
        addAndDelete("redis-0", Map.of());
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        rig.pass(Duration.ofHours(20));
        rig.failOver();
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        rig.pass(Duration.ofHours(3));
        assertEquals(List.of(), releases());

        rig.pass(Duration.ofHours(2)); // an hour may be lost: it is written down so often

        assertEquals(1, new HashSet<>(releases()).size());
    }

    @Test
    void neverIsNever() {
        addAndDelete("redis-0", Map.of(Retention.ANNOTATION, "Never"));
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        rig.pass(Duration.ofDays(400));

        assertEquals(List.of(), releases());
        assertEquals(Retention.NEVER, rig.stored.get(REDIS).retention());
    }

    @Test
    void whatAPersonSetsInThePodNetInfoCounts() {
        addAndDelete("redis-0", Map.of(Retention.ANNOTATION, "Never"));
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        FixedAddress stored = rig.stored.get(REDIS);
        rig.pass(Duration.ofHours(2));

        rig.feed(new IpamEvent.PodNetInfoSeen(new FixedAddress(
                REDIS,
                stored.object(),
                stored.addresses(),
                stored.vSwitch(),
                stored.zone(),
                stored.place(),
                stored.attachment(),
                Retention.parse("1h"),
                Duration.ZERO)));
        rig.pass(Duration.ofSeconds(1));

        assertEquals(1, releases().size());
    }

    @Test
    void anAddressThatASandboxStillHasIsNotReleased() {
        rig.add(one, "redis-0", 1); // its pod was deleted by force, its node does not speak
        rig.feed(new IpamEvent.PodWanted(REDIS, false));
        rig.pass(Duration.ofDays(30));
        assertEquals(List.of(), releases());

        rig.delete(one, "redis-0", 1);
        rig.pass(Unwanted.LOOK_AGAIN.plusSeconds(1));

        assertEquals(1, releases().size());
    }

    @Test
    void onlySoManyAreReleasedAMinute() {
        for (int i = 0; i < 12; i++) {
            addAndDelete("redis-" + i, Map.of());
            rig.feed(new IpamEvent.PodWanted(new PodRef("db", "redis-" + i), false));
        }
        rig.pass(DAY.minusSeconds(5));
        rig.pass(Duration.ofSeconds(30));
        int first = releases().size();
        rig.pass(Duration.ofMinutes(1));
        int second = releases().size() - first;

        assertTrue(first <= 5 && second <= 5, first + " and " + second);
        rig.pass(Duration.ofMinutes(3));
        Set<PodRef> all = new HashSet<>();
        releases().forEach(release -> all.add(release.address().pod()));
        assertEquals(12, all.size());
    }

    @Test
    void soManyAreKeptAndNoMore() {
        var small = new FixedRig(Map.of(), new FixedSettings(2, 5, Retention.NEVER));
        ModelAgent node = small.node("n9", "cn-hangzhou-h");
        small.add(node, "a-0", 1);
        small.add(node, "a-1", 1);

        var refused = assertInstanceOf(AllocateOutcome.Refused.class, small.await(node, "a-2", 1, FixedRig.FIXED));

        assertTrue(refused.message().contains("terway.fixed.most"), refused.message());
        small.feed(new IpamEvent.PodNetInfoGone(
                new PodRef("db", "a-0"),
                small.stored.remove(new PodRef("db", "a-0")).object()));
        small.add(node, "a-2", 2);
    }

    @Test
    void anUnreadableWishIsRefusedByName() {
        var refused = assertInstanceOf(
                AllocateOutcome.Refused.class,
                rig.await(one, "redis-0", 1, Map.of(PodWishes.FIXED, "true", Retention.ANNOTATION, "soon")));

        assertEquals(AllocateOutcome.Why.BAD_POD, refused.why());
        assertTrue(refused.message().contains(Retention.ANNOTATION), refused.message());
        assertTrue(refused.message().contains("'soon'"), refused.message());
    }

    @Test
    void aMoveDoesNotWaitForTheCoolDownButNobodyElseGetsTheAddressInIt() {
        Ip ip = addAndDelete("redis-0", Map.of());
        var before = rig.now;
        assertEquals(ip, rig.add(two, "redis-0", 2));
        assertTrue(Duration.between(before, rig.now).compareTo(FixedRig.COOL_DOWN) < 0);
        rig.delete(two, "redis-0", 2);
        rig.ask(one, "redis-0", 3, FixedRig.FIXED); // takes it off n2
        rig.pass(Duration.ofSeconds(1));

        rig.feed(new IpamEvent.PodNetInfoGone(REDIS, rig.stored.remove(REDIS).object()));
        for (int i = 0; i < 30; i++) {
            assertFalse(rig.add(two, "web-" + i, 1, Map.of()).equals(ip), "its cool-down goes on");
        }
        rig.pass(FixedRig.COOL_DOWN);
        rig.pass(Duration.ofMinutes(10));
        assertFalse(rig.loop.fixedAddresses() > 0);
    }

    @Test
    void nothingLeavesItsEniUntilAllPodNetInfosAreKnown() {
        Ip ip = addAndDelete("redis-0", Map.of());
        rig.pass(Duration.ofMinutes(5));
        rig.loop = new IpamLoop(2);
        rig.lists = false;
        FixedAddress late = rig.stored.remove(REDIS);
        rig.failOver();
        rig.pass(Duration.ofMinutes(30));
        assertEquals(List.of(one.instance), rig.instancesOf(ip));
        assertInstanceOf(AllocateOutcome.Pending.class, rig.ask(one, "redis-0", 2, FixedRig.FIXED));

        rig.stored.put(REDIS, late);
        rig.feed(new IpamEvent.PodNetInfoSeen(late));
        rig.feed(new IpamEvent.PodNetInfosListed(true));

        rig.pass(Duration.ofMinutes(30));
        assertEquals(ip, rig.add(two, "redis-0", 3));
    }
}
