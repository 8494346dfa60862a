package io.terway.node.denial;

import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import java.util.List;
import java.util.Objects;

/**
 * A connection that one side's policy does not let pass.
 *
 * @param direction whose policy
 * @param by policies that isolate, or the rule that denies
 * @param http true when the connection stands and a request on it was refused
 */
public record Denial(Direction direction, Flow flow, List<String> by, boolean http) {

    public Denial {
        Objects.requireNonNull(direction, "direction");
        Objects.requireNonNull(flow, "flow");
        if (by.isEmpty()) {
            throw new IllegalArgumentException("a denial of " + flow + " by nobody");
        }
        by = List.copyOf(by);
    }
}
