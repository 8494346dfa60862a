package io.terway.node.denial;

import io.terway.net.Ip;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import java.util.List;
import java.util.Objects;

/**
 * A connection that one side's policy does not let pass.
 *
 * @param direction whose policy
 * @param sender whose packet it was; the flow's source, or another when that is forged
 * @param by policies that isolate, or the rule that denies
 * @param http true when the connection stands and a request on it was refused
 */
public record Denial(Direction direction, Flow flow, Ip sender, List<String> by, boolean http) {

    private static final List<String> ANOTHERS = List.of("the source is another's");

    /** Of a packet that bears its sender's address. */
    public Denial(Direction direction, Flow flow, List<String> by, boolean http) {
        this(direction, flow, flow.from(), by, http);
    }

    /** A packet that bears another's address, which no policy lets pass. */
    public static Denial forged(Flow flow, Ip sender) {
        return new Denial(Direction.EGRESS, flow, sender, ANOTHERS, false);
    }

    /** True when the source is not the sender's own. */
    public boolean isForged() {
        return !sender.equals(flow.from());
    }

    public Denial {
        Objects.requireNonNull(direction, "direction");
        Objects.requireNonNull(flow, "flow");
        Objects.requireNonNull(sender, "sender");
        if (by.isEmpty()) {
            throw new IllegalArgumentException("a denial of " + flow + " by nobody");
        }
        by = List.copyOf(by);
    }
}
