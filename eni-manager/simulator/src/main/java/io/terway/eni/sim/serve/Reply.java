package io.terway.eni.sim.serve;

import java.time.Duration;

/**
 * The answer to one call, and how it reaches the caller.
 *
 * @param revision the change that must be carried out before the answer goes; 0 for none
 */
public record Reply(int status, String contentType, String body, Delivery delivery, long revision) {

    /** What becomes of the answer. */
    public sealed interface Delivery {

        /** It is sent after this long. */
        record Sent(Duration after) implements Delivery {}

        /** The connection is closed instead. */
        record Lost() implements Delivery {}

        /** Nothing is ever sent. */
        record Hanging() implements Delivery {}
    }

    static final Delivery AT_ONCE = new Delivery.Sent(Duration.ZERO);
}
