package io.terway.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.ledger.BrittleDisk.Fault;
import io.terway.node.ledger.Journal;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerFile;
import io.terway.node.ledger.LedgerState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerFileIT {

    private final BrittleDisk disk = new BrittleDisk();
    private final LedgerState state = new LedgerState();

    @TempDir
    Path directory;

    private LedgerFile create() throws IOException {
        state.apply(new LedgerEntry.Created("ledger-0001"));
        return LedgerFile.create(directory.resolve("ledger"), disk, state);
    }

    private static LedgerEntry term(long term) {
        return new LedgerEntry.TermSeen(term);
    }

    /** The highest term that the next agent reads. */
    private long recovered() throws IOException {
        byte[] bytes = Files.readAllBytes(directory.resolve("ledger"));
        return assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(bytes))
                .state()
                .term();
    }

    @Test
    void whatIsAppendedAfterARewriteIsReadBackThoughTheDirectoryCouldNotBeSynced() throws IOException {
        try (LedgerFile file = create()) {
            disk.suffer(Fault.NO_DIRECTORY_SYNC);
            assertThrows(IOException.class, () -> file.rewrite(state));
            file.append(term(7), false);
        }
        assertEquals(7, recovered());
    }

    @Test
    void nothingIsPromisedOnAFileWhoseNameMayNotSurvive() throws IOException {
        try (LedgerFile file = create()) {
            disk.suffer(Fault.NO_DIRECTORY_SYNC);
            assertThrows(IOException.class, () -> file.rewrite(state));
            assertThrows(IOException.class, () -> file.append(term(7), true));
            disk.suffer();
            file.append(term(8), true);
        }
        assertEquals(8, recovered());
    }

    @Test
    void aTornRecordThatCannotBeCutIsNeverFollowedByAnother() throws IOException {
        try (LedgerFile file = create()) {
            file.append(term(5), false);
            disk.suffer(Fault.FULL, Fault.NO_TRUNCATE);
            assertThrows(IOException.class, () -> file.append(term(6), false));
            disk.suffer(Fault.NO_TRUNCATE);
            assertThrows(IOException.class, () -> file.append(term(7), false));
            assertEquals(5, recovered());
            disk.suffer();
            file.append(term(8), false);
        }
        assertEquals(8, recovered());
    }

    @Test
    void aDamagedLedgerKeepsTermsWithoutWritingThem() throws IOException {
        Files.write(directory.resolve("ledger"), new byte[64]);
        try (Ledger ledger = Ledger.open(directory, BootClock.open())) {
            assertTrue(ledger.quarantine().contains("is damaged"));
            assertTrue(ledger.accepts(5));
            assertFalse(ledger.accepts(4));
        }
    }
}
