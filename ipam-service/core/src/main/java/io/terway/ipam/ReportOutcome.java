package io.terway.ipam;

/** How far a report was taken. */
public sealed interface ReportOutcome {

    /** Everything up to and including this sequence is known. */
    record Acknowledged(long sequence) implements ReportOutcome {}

    /** No ledger gets there from what is known: nothing of the report was taken. */
    record Forged(String message) implements ReportOutcome {}

    /** The session is unknown or not in sync: open one. */
    record NoSession(String message) implements ReportOutcome {}
}
