package io.terway.ipam;

import java.time.Duration;
import java.util.List;

/** Which address a sandbox gets. */
public sealed interface AllocateOutcome {

    /** One address per family asked for. */
    record Proposed(List<EniIp> addresses, boolean fixed, Attachment attachment) implements AllocateOutcome {

        public Proposed {
            addresses = List.copyOf(addresses);
        }
    }

    /** None yet; counted as demand. */
    record Pending(Duration retryAfter, String reason) implements AllocateOutcome {}

    /** There will be none. */
    record Refused(Why why, String message) implements AllocateOutcome {}

    /** The session is unknown or not in sync: open one. */
    record NoSession(String message) implements AllocateOutcome {}

    /** The caller spoke about another node than its session's. */
    record WrongNode(String message) implements AllocateOutcome {}

    /** Why there will be no address. */
    enum Why {
        NODE_FULL,
        V_SWITCH_EXHAUSTED,
        BAD_POD,
        QUOTA,
        FIXED_ADDRESS
    }
}
