package io.terway.eni.time;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** Clock, waiting, threads and chance. Everything that blocks in an operation blocks here. */
public interface Time {

    /** Monotonic. */
    long nanos();

    Instant now();

    void sleep(Duration pause);

    /** Runs the work beside the caller. */
    void start(String name, Runnable work);

    /** Waits until the future is complete, at most this long; true when it is. */
    boolean await(CompletableFuture<?> future, Duration most);

    /** From [0, 1). */
    double random();

    /** Waits as long as it takes. */
    default <T> T join(CompletableFuture<T> future) {
        while (!await(future, Duration.ofMinutes(10))) {
            // Every future here is completed by work that has an end.
        }
        return future.join();
    }
}
