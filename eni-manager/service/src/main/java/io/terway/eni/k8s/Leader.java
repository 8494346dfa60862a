package io.terway.eni.k8s;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Whether this process may change the cloud. Two kinds: by Lease, and alone. */
public interface Leader extends AutoCloseable {

    /** What a refused caller is told; clients look for another leader when they read it. */
    String NOT_LEADER = "not the leader";

    /** The term led, 0 when not leading. */
    long term();

    /** Time for which leading is certain; zero when not leading. No mutating call may outlive it. */
    Duration remaining();

    /** False when what watches over leading has died. */
    default boolean alive() {
        return true;
    }

    default boolean leading() {
        return term() > 0;
    }

    /**
     * Stops leading at once; gives the lease up only when nothing of ours is under way any more, else it ends by its clock.
     *
     * @param idle true when no mutation is under way
     */
    void close(BooleanSupplier idle);

    @Override
    default void close() {
        close(() -> true);
    }
}
