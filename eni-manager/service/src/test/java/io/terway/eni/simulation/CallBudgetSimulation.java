package io.terway.eni.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Action;
import io.terway.eni.AddressCounts;
import io.terway.eni.ClusterTags;
import io.terway.eni.EniOrder;
import io.terway.eni.EniStatus;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.state.MemoryState;
import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** How many calls it takes: counted in the cloud, on virtual time. */
final class CallBudgetSimulation {

    private static final int PODS = 5_000;

    /** IPv4 addresses per ENI of the families that are for sale, the ENI's own counted. */
    private static final List<Integer> PER_ENI = List.of(6, 10, 15, 20, 30, 50);

    private final VirtualTime clock = new VirtualTime(1);
    private final ModelCloud cloud = new ModelCloud(clock, ModelCloud.Illness.ERRORS);
    private final SimulatedProcess process = new SimulatedProcess(clock, cloud, new MemoryState(), 1);

    @ParameterizedTest
    @FieldSource("PER_ENI")
    void aFillOf5000PodsTakesTwoCallsPerEni(int perEni) {
        int secondary = perEni - 1;
        int enis = PODS / secondary + 1;
        int perNode = ModelCloud.LIMITS.secondaryEnis();
        int[] served = new int[1];
        for (int i = 0; i < enis; i++) {
            EniOrder order = new EniOrder(
                    new OperationId("fill-" + i),
                    new Seat.OnInstance(new InstanceId("i-" + i / perNode)),
                    List.of(ModelCloud.V_SWITCHES.get(i % 2)),
                    List.of(new SecurityGroupId("sg-1")),
                    AddressCounts.of(secondary, 0),
                    Map.of(),
                    "",
                    EniType.SECONDARY);
            process.time().start("order", () -> {
                int addresses = untilReady(order).addresses().size();
                served[0] += addresses;
            });
        }

        clock.run(Duration.ofHours(1), () -> served[0] >= PODS);

        double perPod = cloud.count(Action::mutating) / (double) served[0];
        double floor = 2.0 / secondary;
        System.out.printf(
                "%d addresses per ENI: %d pods, %d mutating calls, %.4f per pod (floor %.4f), %d s%n",
                perEni,
                served[0],
                cloud.count(Action::mutating),
                perPod,
                floor,
                Duration.ofNanos(clock.now()).toSeconds());
        assertTrue(served[0] >= PODS, "only " + served[0] + " pods were served");
        assertTrue(perPod <= 1.2 * floor, perPod + " calls per pod, the floor is " + floor);
    }

    /** As ipam-service does it: what waits too long for its turn is asked for again. */
    private NetworkInterface untilReady(EniOrder order) {
        for (boolean again = false; ; again = true) {
            if (process.side().enis().create(order, again) instanceof EniOutcome.Ready(NetworkInterface eni)) {
                return eni;
            }
            process.time().sleep(Duration.ofSeconds(5));
        }
    }

    @Test
    void anIdleClusterOf1000NodesStaysWithinATenthOfADescribePerSecond() {
        for (int node = 0; node < 1_000; node++) {
            for (int eni = 0; eni < 3; eni++) {
                cloud.put(
                        "eni-" + node + "-" + eni,
                        EniStatus.IN_USE,
                        new InstanceId("i-" + node),
                        Map.of(ClusterTags.CLUSTER, "c1"));
            }
        }
        clock.run(Duration.ofMinutes(10), () -> false);
        long before = cloud.count(_ -> true);

        clock.run(Duration.ofHours(1), () -> false);

        double perSecond =
                (cloud.count(_ -> true) - before) / (double) Duration.ofHours(1).toSeconds();
        System.out.printf("1000 nodes, 3000 ENIs, idle: %.3f describes/s%n", perSecond);
        assertEquals(0, cloud.count(Action::mutating));
        assertTrue(perSecond <= 0.1, perSecond + " calls a second");
    }
}
