package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The node annotations k8s.aliyun.com/eni-min-pool-size and eni-max-pool-size, changed while the node runs. */
class PoolOverrideTest {

    private static final Duration SECONDS = Duration.ofSeconds(5);

    private final ModelCloud cloud = new ModelCloud(400);
    private final NodeRig rig = NodeRig.of(cloud, Map.of("min_pool_size", 2, "max_pool_size", 3));

    private int idleAfter(PoolOverride override, Duration time) {
        rig.override = override;
        rig.seen();
        rig.pass(time);
        return rig.agent.offered.size();
    }

    private static PoolOverride sizes(int min, int max) {
        return new PoolOverride(OptionalInt.of(min), OptionalInt.of(max));
    }

    @Test
    void raiseTheirNodesPoolWithinSeconds() {
        assertEquals(2, rig.agent.offered.size());

        assertEquals(7, idleAfter(sizes(7, 9), SECONDS));
    }

    @Test
    void lowerItAndTheRestIsReturnedAtOnce() {
        idleAfter(sizes(7, 9), SECONDS);

        assertEquals(1, idleAfter(sizes(1, 1), SECONDS));
    }

    @Test
    void areForgottenWhenTheyAreTakenAway() {
        idleAfter(sizes(7, 9), SECONDS);

        assertEquals(2, idleAfter(PoolOverride.NONE, Duration.ofMinutes(10)));
    }

    @Test
    void aLargerLeastIsCutToTheMost() {
        assertEquals(4, idleAfter(sizes(9, 4), SECONDS));
    }

    @Test
    void aLeastAboveTheConfiguredMostRaisesThatToo() {
        assertEquals(6, idleAfter(new PoolOverride(OptionalInt.of(6), OptionalInt.empty()), SECONDS));
    }

    @Test
    void moreThanTheInstanceHoldsIsClampedAndSaidOnce() {
        idleAfter(sizes(2, 5_000), SECONDS);
        idleAfter(sizes(2, 5_000), SECONDS);

        List<IpamCommand.Notice> clamped = rig.notices.stream()
                .filter(notice -> notice.reason().equals("PoolSizeClamped"))
                .toList();
        assertEquals(1, clamped.size());
        assertTrue(clamped.getFirst().message().startsWith("k8s.aliyun.com/eni-max-pool-size 5000 is clamped to "));
    }
}
