package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** ENIs that are kept for a pod while no machine has them, and what becomes of them when something is lost. */
class KeptEnisTest {

    private static final PodRef REDIS = new PodRef("db", "redis-0");

    private final FixedRig rig =
            new FixedRig(Map.of("network_mode", "ENI", "min_pool_size", "0", "max_pool_size", "0"));
    private final ModelAgent one = rig.node("n1", "cn-hangzhou-h");
    private final ModelAgent two = rig.node("n2", "cn-hangzhou-h");

    /** The ENI of redis-0, detached because others needed its slot. */
    private EniId detached() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.delete(one, "redis-0", 1);
        rig.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 3; i++) {
            rig.add(one, "web-" + i, 1);
        }
        return rig.cloud.detached.values().stream()
                .filter(eni -> eni.all().contains(ip))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private void sees(EniId eni) {
        rig.feed(new IpamEvent.KeptEnisSeen(List.of(eni)));
    }

    @Test
    void oneThatWasFreedWhileNobodyLedIsDeletedAfterASecondSight() {
        EniId eni = detached();
        rig.stored.remove(REDIS); // by a person, and no leader heard of it
        rig.failOver();
        sees(eni);
        rig.pass(OrphanEnis.APART.minusSeconds(1));
        sees(eni);
        assertTrue(rig.cloud.detached.containsKey(eni), "one look more");
        rig.pass(Duration.ofSeconds(2));

        sees(eni);

        assertFalse(rig.cloud.detached.containsKey(eni));
    }

    @Test
    void oneThatAPodKeepsStays() {
        EniId eni = detached();
        rig.failOver();

        for (int i = 0; i < 5; i++) {
            sees(eni);
            rig.pass(OrphanEnis.APART);
        }

        assertTrue(rig.cloud.detached.containsKey(eni));
    }

    @Test
    void whileNotAllPodNetInfosAreKnownNothingIsDeleted() {
        EniId eni = detached();
        rig.lists = false;
        rig.stored.remove(REDIS);
        rig.failOver();

        for (int i = 0; i < 5; i++) {
            sees(eni);
            rig.pass(OrphanEnis.APART);
        }

        assertTrue(rig.cloud.detached.containsKey(eni));
    }

    @Test
    void oneThatIsNamedAgainBeginsAnew() {
        EniId eni = detached();
        FixedAddress stored = rig.stored.remove(REDIS);
        rig.failOver();
        sees(eni);
        rig.pass(OrphanEnis.APART);
        rig.stored.put(REDIS, stored); // restored from a backup
        rig.feed(new IpamEvent.PodNetInfoSeen(stored));
        sees(eni);
        rig.pass(OrphanEnis.APART);

        sees(eni);

        assertTrue(rig.cloud.detached.containsKey(eni));
    }

    @Test
    void aMistakeCostsNoMoreThanAFewAtOnce() {
        List<EniId> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(new EniId("eni-lost-" + i));
        }
        rig.feed(new IpamEvent.KeptEnisSeen(many));
        rig.pass(OrphanEnis.APART);
        int before = rig.cloud.calls.getOrDefault("DeleteEni", 0);

        rig.feed(new IpamEvent.KeptEnisSeen(many));

        assertEquals(OrphanEnis.MOST_AT_ONCE, rig.cloud.calls.get("DeleteEni") - before);
    }

    @Test
    void theEniOutlivesItsMachineAndItsPodHasItElsewhere() {
        Ip ip = rig.add(one, "redis-0", 1);
        rig.add(one, "web-0", 1, Map.of());
        rig.cloud.release(one.instance);
        rig.feed(new IpamEvent.SessionClosed(one.session));
        rig.agents.remove(one.instance);
        rig.feed(new IpamEvent.InstanceSeen(rig.cloud.describe(one.instance)));
        rig.pass(Duration.ofMinutes(1));

        assertEquals(ip, rig.add(two, "redis-0", 2));

        assertEquals(List.of(two.instance), rig.instancesOf(ip));
        assertEquals(Map.of(), rig.cloud.detached, "the other pod's is nobody's any more");
    }

    /** It would be collected as a leak: nobody had marked it while it was attached. */
    @Test
    void theEniOfAMachineThatWentWhileNobodyLedIsMarkedForItsPod() {
        FixedRig rig = new FixedRig(Map.of("network_mode", "ENI", "min_pool_size", "0", "max_pool_size", "0"));
        ModelAgent one = rig.node("n1", "cn-hangzhou-h");
        ModelAgent two = rig.node("n2", "cn-hangzhou-h");
        Ip ip = rig.add(one, "redis-0", 1);
        rig.cloud.release(one.instance);
        rig.agents.remove(one.instance);

        rig.failOver();
        rig.pass(Homeless.PATIENCE.plus(CloudSide.SECOND_SIGHT).plusSeconds(1));

        assertEquals(1, rig.cloud.calls.get("DetachEni"), "which marks it");
        assertEquals(ip, rig.add(two, "redis-0", 2));
    }

    @Test
    void theEniOfAMachineThatIsThereIsLeftAlone() {
        FixedRig rig = new FixedRig(Map.of("network_mode", "ENI", "min_pool_size", "0", "max_pool_size", "0"));
        ModelAgent one = rig.node("n1", "cn-hangzhou-h");
        rig.add(one, "redis-0", 1);
        rig.agents.remove(one.instance); // its agent is silent for long

        rig.failOver();
        rig.pass(Duration.ofMinutes(10));

        assertEquals(null, rig.cloud.calls.get("DetachEni"));
    }
}
