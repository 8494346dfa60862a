package io.terway.eni;

import io.terway.net.EniId;
import java.time.Duration;
import java.util.List;

/** The next state and what to do for it; no command when the state is terminal. */
public record Transition(EniState next, List<EniCommand> commands) {

    /** Pause before the first look at an ENI after a call. */
    static final Duration FIRST_LOOK = Duration.ofMillis(400);

    /** Longest pause between two looks. */
    static final Duration SLOWEST_LOOK = Duration.ofSeconds(3);

    public Transition {
        commands = List.copyOf(commands);
    }

    static Transition to(EniState next, EniCommand command) {
        return new Transition(next, List.of(command));
    }

    static Transition end(EniState next) {
        return new Transition(next, List.of());
    }

    /** 400 ms, then half as long again each time, at most 3 s. */
    static Transition look(EniState next, EniId eni, int looks) {
        double millis = FIRST_LOOK.toMillis() * Math.pow(1.5, Math.min(looks, 10));
        Duration after = Duration.ofMillis((long) Math.min(millis, SLOWEST_LOOK.toMillis()));
        return Transition.to(next, new EniCommand.Look(eni, after));
    }
}
