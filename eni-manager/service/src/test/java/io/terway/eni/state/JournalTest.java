package io.terway.eni.state;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Added;
import io.terway.eni.OperationId;
import io.terway.eni.state.AssignBatch.Share;
import io.terway.eni.time.MachineTime;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class JournalTest {

    private static final Lane LANE = new Lane(new EniId("eni-1"), Family.IPV4, Lane.Kind.ADDRESSES);
    private static final OperationId A = new OperationId("a:1");
    private static final OperationId B = new OperationId("b");

    private final MemoryState state = new MemoryState();
    private long term = 1;

    /** Another replica, or the same after a restart: only the state is shared. */
    private Journal replica() {
        return new Journal(state, () -> term, new MachineTime());
    }

    private static Added ips(int from, int count) {
        return new Added(
                IntStream.range(from, from + count)
                        .mapToObj(i -> Ip.parse("10.0.0." + i))
                        .toList(),
                List.of());
    }

    @Test
    void anOpenCallIsSeenByTheNextLeaderAsItWas() {
        AssignBatch open = replica().begin("t1", LANE, List.of(new Share(A, 2), new Share(B, 3)));

        term = 2;

        assertEquals(List.of(open), replica().of(B));
    }

    @Test
    void anAnswerRidesOnTheNextSaveAndIsDealtOutInTheOrderOfTheShares() {
        Journal journal = replica();
        journal.begin("t1", LANE, List.of(new Share(A, 2), new Share(B, 3)));
        journal.done("t1", ips(10, 5));
        journal.begin("t2", LANE, List.of(new Share(B, 1)));

        AssignBatch reread = replica().find("t1").orElseThrow();

        assertEquals(ips(10, 2), reread.of(A));
        assertEquals(ips(12, 3), reread.of(B));
    }

    @Test
    void aCallThatAddedNothingIsForgotten() {
        Journal journal = replica();
        journal.begin("t1", LANE, List.of(new Share(A, 2)));
        journal.failed("t1");
        journal.begin("t2", LANE, List.of(new Share(B, 2)));

        assertEquals(List.of(), replica().of(A));
    }

    @Test
    void aCallThatCannotBeSavedIsNotBegun() {
        Journal journal = replica();
        journal.of(A);
        state.down(true);

        assertThrows(UncheckedIOException.class, () -> journal.begin("t1", LANE, List.of(new Share(A, 2))));
    }

    @Test
    void callsThatCouldNotBeSavedHoldNoPlaceAmongTheOpenOnes() {
        Journal journal = replica();
        journal.of(A);
        state.down(true);
        for (int i = 0; i < AssignCalls.MAX_OPEN; i++) {
            String token = "t" + i;
            assertThrows(UncheckedIOException.class, () -> journal.begin(token, LANE, List.of(new Share(A, 1))));
        }

        state.down(false);

        assertDoesNotThrow(() -> journal.begin("after", LANE, List.of(new Share(A, 1))));
        assertEquals(1, journal.of(A).size());
    }

    @Test
    void aCallWhoseSaveWasLostInAnswerOnlyIsTakenOutByTheNextOne() {
        Journal journal = replica();
        journal.begin("t1", LANE, List.of(new Share(A, 1)));
        state.loseNextAnswer();
        assertThrows(UncheckedIOException.class, () -> journal.begin("t2", LANE, List.of(new Share(B, 1))));

        journal.begin("t3", LANE, List.of(new Share(A, 1)));

        assertEquals(List.of(), replica().of(B));
    }

    @Test
    void aLostAnswerOfASaveIsNoConflictWithOurselves() {
        Journal journal = replica();
        journal.begin("t1", LANE, List.of(new Share(A, 1)));
        state.loseNextAnswer();
        assertThrows(UncheckedIOException.class, () -> journal.begin("t2", LANE, List.of(new Share(A, 1))));

        assertDoesNotThrow(() -> journal.begin("t3", LANE, List.of(new Share(A, 1))));
    }

    @Test
    void whatAnotherReplicaSavedIsNeverOverwrittenUnread() {
        Journal old = replica();
        old.begin("t1", LANE, List.of(new Share(A, 1)));
        Journal successor = replica();
        successor.begin("t2", LANE, List.of(new Share(B, 1)));

        assertThrows(UncheckedIOException.class, () -> old.begin("t3", LANE, List.of(new Share(A, 1))));

        assertTrue(replica().find("t2").isPresent());
        assertTrue(old.find("t2").isPresent(), "the old one has read it anew");
    }

    @Test
    void aTornLineLosesOnlyItself() {
        replica().begin("t1", LANE, List.of(new Share(A, 1)));
        StateStore.Saved saved = state.load();
        state.save(new StateStore.Saved(saved.text() + "B t2 eni-", saved.version()));

        assertEquals(Optional.empty(), replica().of(A).getFirst().added());
    }

    @Test
    void theStateNeverOutgrowsAConfigMap() {
        Journal journal = replica();
        for (int i = 0; i < 3_000; i++) {
            journal.begin("token-of-forty-characters-or-so-" + i, LANE, List.of(new Share(A, 10)));
            journal.done("token-of-forty-characters-or-so-" + i, ips(1, 10));
        }

        assertTrue(state.load().text().length() < StateStore.MAX_CHARS / 10);
        assertTrue(journal.of(A).size() <= AssignCalls.MAX_CALLS);
    }

    @Test
    void openCallsHaveABound() {
        Journal journal = replica();
        for (int i = 0; i < AssignCalls.MAX_OPEN; i++) {
            journal.begin("t" + i, LANE, List.of(new Share(A, 1)));
        }

        UncheckedIOException full = assertThrows(
                UncheckedIOException.class, () -> journal.begin("one more", LANE, List.of(new Share(A, 1))));

        assertTrue(full.getMessage().contains("1024 assign calls are open"), full.getMessage());
        assertTrue(state.load().text().length() < StateStore.MAX_CHARS);
    }

    @Test
    void aLowerTermIsRefusedByEveryReplica() {
        replica().fence("", 7);

        TermOver over = assertThrows(TermOver.class, () -> replica().fence("", 3));

        assertEquals(7, over.seen());
        assertEquals("term 3 of ipam-service is over: term 7 was seen; look for the new leader", over.getMessage());
    }

    @Test
    void aTermThatCouldNotBeSavedPassesNobodyUntilItIs() {
        Journal journal = replica();
        journal.fence("", 6);
        state.down(true);

        assertThrows(UncheckedIOException.class, () -> journal.fence("", 7));
        assertThrows(
                UncheckedIOException.class,
                () -> journal.fence("", 7),
                "the second request is no safer than the first");
        assertThrows(TermOver.class, () -> journal.fence("", 6));

        state.down(false);
        journal.fence("", 7);
        assertThrows(TermOver.class, () -> replica().fence("", 6));
    }

    @Test
    void eachShardHasTermsOfItsOwn() {
        replica().fence("0", 7);
        replica().fence("1", 3);
        replica().fence("", 2);

        TermOver over = assertThrows(TermOver.class, () -> replica().fence("0", 6));

        assertEquals(
                "term 6 of ipam-service (shard 0) is over: term 7 was seen; look for the new leader",
                over.getMessage());
        assertThrows(TermOver.class, () -> replica().fence("1", 2));
        assertThrows(TermOver.class, () -> replica().fence("", 1));
        assertDoesNotThrow(() -> replica().fence("1", 3));
    }

    @Test
    void theSameTermCostsNoSaveAndAHigherOnePasses() {
        Journal journal = replica();
        journal.fence("", 7);
        journal.fence("", 7);
        journal.fence("", 0);

        assertEquals(1, state.saves());
        assertDoesNotThrow(() -> journal.fence("", 8));
    }
}
