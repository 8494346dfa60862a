package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.AssignBatcher.Batch;
import io.terway.eni.AssignBatcher.Slice;
import io.terway.net.Family;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AssignBatcherProperties {

    @Test
    void everyAddressAskedForIsInExactlyOneCallOfAtMostTen() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            AssignBatcher batcher = new AssignBatcher(Family.IPV4);
            Map<OperationId, Integer> asked = new HashMap<>();
            Map<OperationId, Integer> got = new HashMap<>();
            for (int i = 0; i < 1 + random.nextInt(20); i++) {
                OperationId id = new OperationId("op-" + i);
                asked.put(id, 1 + random.nextInt(25));
                batcher.offer(id, asked.get(id));
            }

            while (!batcher.isEmpty()) {
                Batch batch = batcher.next(AssignCall.MAX_ADDRESSES, true);
                assertTrue(batch.count() <= AssignCall.MAX_ADDRESSES, batch.toString());
                batch.slices().forEach(slice -> got.merge(slice.operation(), slice.count(), Integer::sum));
            }

            assertEquals(asked, got, "seed " + seed);
        }
    }

    @Test
    void joinsSmallRequestsIntoOneCall() {
        AssignBatcher batcher = new AssignBatcher(Family.IPV4);
        batcher.offer(new OperationId("a"), 3);
        batcher.offer(new OperationId("b"), 4);

        Batch batch = batcher.next(AssignCall.MAX_ADDRESSES, true);

        assertEquals(List.of(new Slice(new OperationId("a"), 3), new Slice(new OperationId("b"), 4)), batch.slices());
    }

    @Test
    void refusesMoreWaitersThanItsBound() {
        AssignBatcher batcher = new AssignBatcher(Family.IPV4);
        for (int i = 0; i < AssignBatcher.MAX_WAITING; i++) {
            batcher.offer(new OperationId("op-" + i), 1);
        }

        assertFalse(batcher.offer(new OperationId("one-more"), 1));
    }

    @Test
    void aDroppedOperationLeavesTheOthersWaiting() {
        AssignBatcher batcher = new AssignBatcher(Family.IPV6);
        batcher.offer(new OperationId("a"), 25);
        batcher.offer(new OperationId("b"), 2);
        batcher.next(AssignCall.MAX_ADDRESSES, true);

        batcher.drop(new OperationId("a"));

        assertEquals(2, batcher.waiting());
    }
}
