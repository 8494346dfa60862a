package io.terway.node.http;

import io.terway.node.policy.Direction;
import java.util.List;

/** What policy says of a connection to the proxy, or of one request on it. */
public sealed interface Ruling {

    /** Both sides let it pass. */
    record Accepted() implements Ruling {}

    /**
     * One side does not.
     *
     * @param by rules or policies, for people
     */
    record Refused(Direction direction, List<String> by) implements Ruling {
        public Refused {
            by = List.copyOf(by);
        }
    }
}
