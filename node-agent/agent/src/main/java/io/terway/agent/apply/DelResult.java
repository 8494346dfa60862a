package io.terway.agent.apply;

/** What became of {@link DatapathApplier#del}. */
public sealed interface DelResult {

    /**
     * Traffic is cut and the rules are gone; the link is down, renamed and in the reaper's hands.
     *
     * @param stages its operations are 0 when nothing was there (any more)
     */
    record Removed(Stages stages) implements DelResult {}

    /** @see AddResult.Failed */
    record Failed(String step, String reason) implements DelResult {}
}
