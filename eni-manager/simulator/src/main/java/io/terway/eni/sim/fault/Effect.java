package io.terway.eni.sim.fault;

import java.time.Duration;

/** What a fault does to a call that it hits. */
public sealed interface Effect {

    /** Refuses calls beyond {@code qps} a second, after a burst of {@code burst}, with Throttling.User. */
    record Throttle(double qps, int burst) implements Effect {
        public Throttle {
            if (!(qps >= 0) || burst < 0) {
                throw new IllegalArgumentException("throttle needs qps >= 0 and burst >= 0");
            }
        }
    }

    /** Answers an error without doing anything. */
    record Fail(int status, String code, String message) implements Effect {
        public Fail {
            if (status < 400 || status > 599) {
                throw new IllegalArgumentException("fail needs a status of 400 to 599, not " + status);
            }
        }
    }

    /** Never answers and does nothing. */
    record Hang() implements Effect {}

    /** Does what was asked and closes the connection instead of answering. */
    record LoseAnswer() implements Effect {}

    /** Does what was asked and answers late. */
    record Delay(Duration by) implements Effect {}

    /** Does what was asked twice, as a network that repeats a request; the first outcome is the answer. */
    record Duplicate() implements Effect {}
}
