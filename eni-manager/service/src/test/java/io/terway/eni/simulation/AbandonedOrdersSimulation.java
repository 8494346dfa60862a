package io.terway.eni.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.AddressCounts;
import io.terway.eni.EniOrder;
import io.terway.eni.EniStatus;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.operation.LeadershipLost;
import io.terway.eni.state.MemoryState;
import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Orders that nobody repeats: the leader is killed at every instant of three creates, and whoever ordered them died too. The
 * next leader brings each to one of two ends: in use with all its addresses and shown to ipam-service, or gone.
 */
final class AbandonedOrdersSimulation {

    private static final int ORDERS = 3;
    private static final int ADDRESSES = 4;
    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(12);
    private static final Duration TAKE_OVER = Duration.ofSeconds(16);

    private static final InstanceId NODE = new InstanceId("i-0");

    private enum End {
        NEVER_MADE,
        TAKEN_IN,
        COLLECTED
    }

    @Test
    void theNextLeaderEndsWhatNobodyAsksForAgainWheneverTheFormerDied() {
        Set<End> ends = EnumSet.noneOf(End.class);
        for (Duration killedAfter = Duration.ZERO;
                killedAfter.compareTo(LONGEST) < 0;
                killedAfter = killedAfter.plus(STEP)) {
            try {
                ends.addAll(play(killedAfter));
            } catch (AssertionError e) {
                throw new AssertionError("killed after " + killedAfter + ": " + e.getMessage(), e);
            }
        }

        assertEquals(EnumSet.allOf(End.class), ends, "the sweep meets every end");
    }

    private static Set<End> play(Duration killedAfter) {
        VirtualTime clock = new VirtualTime(killedAfter.toMillis());
        ModelCloud cloud = new ModelCloud(clock, ModelCloud.Illness.ERRORS);
        MemoryState state = new MemoryState();
        SimulatedProcess former = new SimulatedProcess(clock, cloud, state, 1);
        for (int i = 0; i < ORDERS; i++) {
            order(former, i);
        }
        clock.run(killedAfter, () -> false);
        former.kill();
        clock.run(TAKE_OVER, () -> false);
        List<NetworkInterface> left = cloud.truth();
        SimulatedProcess next = new SimulatedProcess(clock, cloud, state, 2);

        clock.run(Duration.ofMinutes(15), () -> false);

        return ends(left, cloud.truth(), next);
    }

    private static void order(SimulatedProcess leader, int number) {
        EniOrder order = new EniOrder(
                new OperationId("abandoned-" + number),
                new Seat.OnInstance(NODE),
                ModelCloud.V_SWITCHES,
                List.of(new SecurityGroupId("sg-1")),
                AddressCounts.of(ADDRESSES, 0),
                Map.of(),
                "",
                EniType.SECONDARY);
        leader.time().start("rpc", () -> {
            try {
                leader.side()
                        .eniOperations()
                        .run(order.operation(), again -> leader.side().enis().create(order, again));
            } catch (LeadershipLost died) {
                // Nobody waits for an answer.
            }
        });
    }

    private static Set<End> ends(List<NetworkInterface> left, List<NetworkInterface> found, SimulatedProcess next) {
        Set<End> ends = EnumSet.noneOf(End.class);
        Set<String> makers = new HashSet<>();
        for (NetworkInterface eni : found) {
            assertEquals(EniStatus.IN_USE, eni.status(), "leaked: " + eni);
            assertEquals(ADDRESSES, eni.addresses().size(), "in part: " + eni);
            assertTrue(next.side().inventory().view(NODE).orElseThrow().enis().contains(eni), "not shown: " + eni);
            assertTrue(makers.add(eni.tags().get("terway.io/operation")), "doubled: " + eni);
            ends.add(End.TAKEN_IN);
        }
        if (left.size() < ORDERS) {
            ends.add(End.NEVER_MADE);
        }
        if (found.size() < left.size()) {
            ends.add(End.COLLECTED);
        }
        return ends;
    }
}
