package io.terway.eni.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Added;
import io.terway.eni.OperationId;
import io.terway.eni.operation.AssignJournal.Batch;
import io.terway.eni.operation.AssignJournal.Share;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AssignJournalTest {

    private static final EniId ENI = new EniId("eni-1");
    private static final Lane LANE = new Lane(ENI, Family.IPV4, Lane.Kind.ADDRESSES);
    private static final OperationId A = new OperationId("a:1");
    private static final OperationId B = new OperationId("b");

    @TempDir
    Path dir;

    private static Added ips(int from, int count) {
        return new Added(
                IntStream.range(from, from + count)
                        .mapToObj(i -> Ip.parse("10.0.0." + i))
                        .toList(),
                List.of());
    }

    @Test
    void anOpenCallSurvivesARestartAsItWas() {
        Batch open = new AssignJournal(dir).begin("t1", LANE, List.of(new Share(A, 2), new Share(B, 3)));

        assertEquals(List.of(open), new AssignJournal(dir).of(B));
    }

    @Test
    void addressesAreDealtOutInTheOrderOfTheShares() {
        AssignJournal journal = new AssignJournal(dir);
        journal.begin("t1", LANE, List.of(new Share(A, 2), new Share(B, 3)));
        journal.done("t1", ips(10, 5));

        Batch reread = new AssignJournal(dir).of(B).getFirst();

        assertEquals(ips(10, 2), reread.of(A));
        assertEquals(ips(12, 3), reread.of(B));
    }

    @Test
    void aCallThatAddedNothingIsForgotten() {
        AssignJournal journal = new AssignJournal(dir);
        journal.begin("t1", LANE, List.of(new Share(A, 2)));
        journal.failed("t1");

        assertEquals(List.of(), new AssignJournal(dir).of(A));
    }

    @Test
    void aTornLastLineLosesOnlyItself() throws IOException {
        AssignJournal journal = new AssignJournal(dir);
        journal.begin("t1", LANE, List.of(new Share(A, 1)));
        Files.writeString(dir.resolve("assigns.log"), "B t2 eni-", StandardOpenOption.APPEND);

        assertEquals(Optional.empty(), new AssignJournal(dir).of(A).getFirst().added());
    }

    @Test
    void remembersNoMoreCallsThanItsBound() throws IOException {
        AssignJournal journal = new AssignJournal(dir, 8);
        for (int i = 0; i < 100; i++) {
            journal.begin("t" + i, LANE, List.of(new Share(A, 1)));
            journal.done("t" + i, ips(1, 1));
        }

        assertTrue(Files.readAllLines(dir.resolve("assigns.log")).size() <= 4 * 8);
        assertEquals(8, new AssignJournal(dir, 8).of(A).size());
    }
}
