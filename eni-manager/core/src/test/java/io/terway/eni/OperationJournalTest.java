package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.eni.OperationJournal.Known;
import org.junit.jupiter.api.Test;

final class OperationJournalTest {

    private final OperationJournal<String, String> journal = new OperationJournal<>(2);

    private static OperationId id(String value) {
        return new OperationId(value);
    }

    @Test
    void aRepeatWhileRunningGetsTheRunningOne() {
        journal.begin(id("a"), "first");

        assertEquals(new Known.Running<String, String>("first"), journal.begin(id("a"), "second"));
    }

    @Test
    void aRepeatAfterwardsGetsTheOutcome() {
        journal.begin(id("a"), "running");
        journal.finish(id("a"), "outcome");

        assertEquals(new Known.Finished<String, String>("outcome"), journal.begin(id("a"), "again"));
    }

    @Test
    void theOldestFinishedOperationIsForgottenFirst() {
        journal.begin(id("a"), "");
        journal.finish(id("a"), "outcome");
        journal.begin(id("b"), "");
        journal.begin(id("c"), "");

        assertInstanceOf(Known.Full.class, journal.begin(id("a"), ""));
    }

    @Test
    void refusesANewOperationWhenAllAreRunning() {
        journal.begin(id("a"), "");
        journal.begin(id("b"), "");

        assertEquals(new Known.Full<String, String>(2), journal.begin(id("c"), ""));
    }

    @Test
    void aForgottenOperationStartsAfresh() {
        journal.begin(id("a"), "");
        journal.forget(id("a"));

        assertInstanceOf(Known.Fresh.class, journal.begin(id("a"), ""));
    }
}
