package io.terway.agent.apply;

/** What became of {@link DatapathApplier#ensureEni}. */
public sealed interface EniResult {

    /**
     * The ENI's link is up and its table routes.
     *
     * @param link its name
     * @param ifindex its index in the host's namespace
     * @param table its route table, 1000 + ifindex
     */
    record Ready(String link, int ifindex, int table) implements EniResult {}

    /** No link has that MAC (yet). */
    record Absent() implements EniResult {}

    /** @see AddResult.Failed */
    record Failed(String step, String reason) implements EniResult {}
}
