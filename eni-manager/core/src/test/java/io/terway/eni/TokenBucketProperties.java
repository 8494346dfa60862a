package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.TokenBucket.Turn;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TokenBucketProperties {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void neverGivesMoreThanBurstPlusRate() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            double rate = 1 + random.nextInt(50);
            int burst = 1 + random.nextInt(20);
            TokenBucket bucket = new TokenBucket(rate, burst, 0);
            long now = 0;
            int granted = 0;
            for (int i = 0; i < 500; i++) {
                now += random.nextLong(SECOND / 10);
                long at = now;
                if (bucket.take(now) instanceof Turn.After(Duration pause)) {
                    now = Math.max(now, at + pause.toNanos());
                    granted++;
                }
            }

            double most = burst + rate * now / SECOND + 1;

            assertTrue(granted <= most, "seed " + seed + ": " + granted + " calls, at most " + most);
        }
    }

    @Test
    void waitersAreServedOneAfterTheOther() {
        TokenBucket bucket = new TokenBucket(10, 1, 0);
        bucket.take(0);

        Turn first = bucket.take(0);
        Turn second = bucket.take(0);

        assertEquals(new Turn.After(Duration.ofMillis(100)), first);
        assertEquals(new Turn.After(Duration.ofMillis(200)), second);
    }

    @Test
    void throttlingHalvesOncePerSettlingTimeDownToTheFloor() {
        TokenBucket bucket = new TokenBucket(32, 1, 0);
        bucket.throttled(0);
        bucket.throttled(SECOND / 2);
        double afterOneWave = bucket.perSecond();
        for (int wave = 1; wave < 20; wave++) {
            bucket.throttled(wave * 2 * SECOND);
        }

        assertEquals(16, afterOneWave);
        assertEquals(32 * TokenBucket.FLOOR_SHARE, bucket.perSecond());
    }

    @Test
    void successRestoresUpToTheCeiling() {
        TokenBucket bucket = new TokenBucket(64, 1, 0);
        bucket.throttled(0);
        bucket.succeeded(1);
        double afterOne = bucket.perSecond();
        for (int i = 0; i < 100; i++) {
            bucket.succeeded(2);
        }

        assertEquals(33, afterOne);
        assertEquals(64, bucket.perSecond());
    }

    @Test
    void aLineThatIsTooLongIsRefused() {
        TokenBucket bucket = new TokenBucket(1, 1, 0);
        Turn turn = bucket.take(0);
        for (int i = 0; i < TokenBucket.MAX_WAIT.toSeconds() + 1; i++) {
            turn = bucket.take(0);
        }

        assertInstanceOf(Turn.TooLong.class, turn);
    }
}
