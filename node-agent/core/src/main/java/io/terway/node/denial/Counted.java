package io.terway.node.denial;

import java.time.Instant;

/**
 * Denials of one kind.
 *
 * @param at when the first came
 * @param count how many
 */
public record Counted(Instant at, Denial denial, long count) {

    public Counted {
        if (count < 1) {
            throw new IllegalArgumentException("a denial " + count + " times");
        }
    }
}
