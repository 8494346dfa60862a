package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.ipam.PoolView.EniView;
import io.terway.ipam.PoolView.IdleView;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolPlannerTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant OLD = NOW.minusSeconds(301);

    @Test
    void makesAnEniWithAllThatIsWanted() {
        assertEquals(List.of(new PoolStep.NewEni(10)), PoolPlanner.plan(view(0, 0, 3, 0), NOW));
    }

    @Test
    void createsInParallelUpToTheCap() {
        assertEquals(Collections.nCopies(4, new PoolStep.NewEni(15)), PoolPlanner.plan(view(110, 0, 7, 0), NOW));
        assertEquals(List.of(), PoolPlanner.plan(view(110, 60, 3, 4), NOW));
    }

    @Test
    void waitsForTheRoomOfAnEniThatIsComing() {
        assertEquals(List.of(), PoolPlanner.plan(view(3, 10, 2, 1), NOW), "3 more fit beside the 10 ordered with it");
        // 23 waiting and 10 ahead of need, less 10 on their way and 5 that still fit beside those
        assertEquals(
                List.of(new PoolStep.NewEni(15), new PoolStep.NewEni(3)), PoolPlanner.plan(view(23, 10, 2, 1), NOW));
    }

    @Test
    void waitsForABusyEniThatHasRoom() {
        EniView busy = new EniView(new EniId("eni-a"), 5, true, true, List.of());

        assertEquals(List.of(), PoolPlanner.plan(view(0, 0, 2, 0, busy), NOW));
    }

    @Test
    void fillsTheFullestEniBeforeItMakesOne() {
        EniView small = eni("eni-a", 3, 0, 0, NOW);
        EniView large = eni("eni-b", 12, 0, 0, NOW);

        List<PoolStep> steps = PoolPlanner.plan(view(0, 0, 1, 0, small, large), NOW);

        assertEquals(List.of(new PoolStep.Grow(large.id(), 3), new PoolStep.Grow(small.id(), 7)), steps);
    }

    @Test
    void spillsToANewEniWhenTheVSwitchOfTheOldOneIsExhausted() {
        EniView stuck = new EniView(new EniId("eni-a"), 3, false, false, List.of());

        assertEquals(List.of(new PoolStep.NewEni(12)), PoolPlanner.plan(view(2, 0, 1, 0, stuck), NOW));
    }

    @Test
    void asksAVSwitchThatRunsLowForNoMoreThanItMayHave() {
        EniView low = new EniView(new EniId("eni-a"), 3, 3, false, 2, List.of());

        assertEquals(
                List.of(new PoolStep.Grow(low.id(), 2), new PoolStep.NewEni(10)),
                PoolPlanner.plan(view(2, 0, 1, 0, low), NOW));
    }

    @Test
    void returnsIdleAboveMaxAtOnceFromTheSmallestEni() {
        EniView small = eni("eni-a", 10, 8, 0, NOW);
        EniView large = eni("eni-b", 25, 20, 10, NOW);

        List<PoolStep> steps = PoolPlanner.plan(view(0, 0, 1, 0, small, large), NOW);

        assertEquals(List.of(new PoolStep.Shrink(ips(0, 3))), steps);
    }

    @Test
    void releasesOldestIdleAddressFirst() {
        List<IdleView> idle = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            idle.add(new IdleView(Ip.ofIpv4(i), i < 4 ? OLD.minusSeconds(9 - i) : NOW, false));
        }
        EniView eni = new EniView(new EniId("eni-a"), 14, false, true, idle);

        List<PoolStep> steps = PoolPlanner.plan(view(0, 0, 1, 0, eni), NOW);

        assertEquals(List.of(new PoolStep.Shrink(ips(0, 2))), steps, "two above the floor of ten");
    }

    @Test
    void keepsIdleBetweenFloorAndCeilingUntilItIsOld() {
        assertEquals(List.of(), PoolPlanner.plan(view(0, 0, 1, 0, eni("eni-a", 20, 20, 0, NOW)), NOW));
    }

    @Test
    void dropsAnEniWhoseAddressesAllGoBack() {
        EniView unused = eni("eni-a", 6, 6, 0, OLD);
        EniView used = eni("eni-b", 15, 10, 10, NOW);

        assertEquals(List.of(new PoolStep.DropEni(unused.id())), PoolPlanner.plan(view(0, 0, 1, 0, unused, used), NOW));
    }

    @Test
    void neverReturnsAnEnisOwnAddressAlone() {
        List<IdleView> idle = new ArrayList<>();
        for (int i = 0; i < 26; i++) {
            idle.add(new IdleView(Ip.ofIpv4(i), NOW, i == 0));
        }
        EniView eni = new EniView(new EniId("eni-a"), 30, false, true, idle);

        assertEquals(List.of(new PoolStep.Shrink(ips(1, 1))), PoolPlanner.plan(view(0, 0, 1, 0, eni), NOW));
    }

    private static PoolView view(int waiting, int inFlight, int room, int creating, EniView... enis) {
        PoolTargets targets = new PoolTargets(10, 25, true, 10, Duration.ofSeconds(300), 0, true);
        return new PoolView(
                Family.IPV4,
                targets,
                waiting,
                inFlight,
                15,
                room,
                creating,
                Shortages.NO_LIMIT,
                true,
                true,
                List.of(enis));
    }

    private static EniView eni(String id, int used, int idle, int firstIp, Instant since) {
        List<IdleView> addresses = new ArrayList<>();
        for (int i = 0; i < idle; i++) {
            addresses.add(new IdleView(Ip.ofIpv4(firstIp + i), since, false));
        }
        return new EniView(new EniId(id), used, false, true, addresses);
    }

    private static List<Ip> ips(int from, int count) {
        List<Ip> ips = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            ips.add(Ip.ofIpv4(i));
        }
        return ips;
    }
}
