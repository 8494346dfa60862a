package io.terway.eni.sim.cloud;

import java.time.Duration;

/**
 * How long the cloud takes for what it does not do at once.
 *
 * @param attach Attaching to InUse of an ordinary ENI
 * @param memberAttach the same for a member on a trunk
 * @param detach Detaching to Available
 * @param delete Deleting to gone
 * @param addressing assigning or unassigning addresses; a second such call for the ENI within it conflicts
 * @param route pending to available, deleting to gone
 * @param visibility how long reads may still show an ENI as it was before a change
 * @param metadata how long instance metadata still shows an ENI as it was before a change
 */
public record Latencies(
        Duration attach,
        Duration memberAttach,
        Duration detach,
        Duration delete,
        Duration addressing,
        Duration route,
        Duration visibility,
        Duration metadata) {

    /** What clients of the real cloud budget for (facts, section 2.1); the cloud itself documents none. */
    public static Latencies typical() {
        return ofMillis(3_000, 1_000, 3_000, 1_000, 200, 1_000, 0, 1_000);
    }

    /** A cloud in a hurry, for demonstrations: every transition is still visible. */
    public static Latencies quick() {
        return ofMillis(400, 200, 400, 200, 10, 200, 0, 0);
    }

    /** Every change is through at the next advance of the clock. */
    public static Latencies none() {
        return ofMillis(0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** In the order of the record, milliseconds. */
    public static Latencies ofMillis(
            long attach,
            long memberAttach,
            long detach,
            long delete,
            long addressing,
            long route,
            long visibility,
            long metadata) {
        return new Latencies(
                Duration.ofMillis(attach),
                Duration.ofMillis(memberAttach),
                Duration.ofMillis(detach),
                Duration.ofMillis(delete),
                Duration.ofMillis(addressing),
                Duration.ofMillis(route),
                Duration.ofMillis(visibility),
                Duration.ofMillis(metadata));
    }
}
