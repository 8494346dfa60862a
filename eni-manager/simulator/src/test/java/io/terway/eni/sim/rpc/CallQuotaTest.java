package io.terway.eni.sim.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.eni.sim.refusal.Refusal;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallQuotaTest {

    private static final Instant MINUTE = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void throttledActionIsUsableInTheNextMinuteAndOthersAtOnce() {
        CallQuota quota = new CallQuota(new RateLimits(100, Map.of("A", 2)));
        quota.spend("A", MINUTE);
        quota.spend("A", MINUTE.plusSeconds(59));
        Refusal refusal = assertThrows(Refusal.class, () -> quota.spend("A", MINUTE.plusSeconds(59)));
        assertEquals("Throttling.User", refusal.code());
        quota.spend("B", MINUTE.plusSeconds(59));
        quota.spend("A", MINUTE.plusSeconds(60));
    }
}
