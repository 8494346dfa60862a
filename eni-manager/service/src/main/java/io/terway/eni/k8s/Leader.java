package io.terway.eni.k8s;

import java.time.Duration;

/** Whether this process may change the cloud. Two kinds: by Lease, and alone. */
public interface Leader extends AutoCloseable {

    /** What a refused caller is told; clients look for another leader when they read it. */
    String NOT_LEADER = "not the leader";

    /** The term led, 0 when not leading. */
    long term();

    /** Time for which leading is certain; zero when not leading. No mutating call may outlive it. */
    Duration remaining();

    default boolean leading() {
        return term() > 0;
    }

    @Override
    void close();
}
