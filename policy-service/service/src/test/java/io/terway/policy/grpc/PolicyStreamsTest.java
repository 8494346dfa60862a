package io.terway.policy.grpc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.policy.PolicyCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PolicyStreamsTest {

    private final PolicyStreams streams =
            new PolicyStreams(() -> true, Duration.ofMillis(50), new SimpleMeterRegistry());

    @AfterEach
    void stop() {
        streams.close();
    }

    @Test
    void everybodyWhoAsksForTheClusterGetsIt() throws Exception {
        List<Future<PolicyCluster>> asked = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            asked.add(streams.snapshot());
        }
        for (Future<PolicyCluster> future : asked) {
            assertNotNull(future.get(1, TimeUnit.MINUTES));
        }
    }

    @Test
    void aCompilerThatFailedIsNotAlive() {
        assertTrue(streams.isAlive());

        streams.changes().put("poison", _ -> {
            throw new IllegalStateException("a defect");
        });

        while (streams.isAlive()) {
            Thread.onSpinWait();
        }
        assertFalse(streams.isAlive());
    }
}
