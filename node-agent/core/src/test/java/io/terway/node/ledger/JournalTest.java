package io.terway.node.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JournalTest {

    /** A file with every kind of entry; what the state says at each record's end, by offset. */
    private record Written(byte[] file, TreeMap<Integer, List<LedgerEntry>> states) {}

    private static Written written() {
        LedgerState state = Samples.fresh();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(Journal.file(state));
        TreeMap<Integer, List<LedgerEntry>> states = new TreeMap<>();
        states.put(file.size(), state.snapshot());
        for (LedgerEntry entry : Samples.everyKind()) {
            file.writeBytes(Journal.record(entry));
            state.apply(entry);
            states.put(file.size(), state.snapshot());
        }
        return new Written(file.toByteArray(), states);
    }

    @Test
    void readsBackWhatWasWritten() {
        Written written = written();
        var recovered = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(written.file()));
        assertEquals(written.states().lastEntry().getValue(), recovered.state().snapshot());
        assertEquals(written.file().length, recovered.length());
        assertEquals(Samples.everyKind().size(), recovered.entries());
        assertEquals(3, recovered.state().sequence());
    }

    @Test
    void cutAtAnyByteLeavesWhatWasWholeBeforeIt() {
        Written written = written();
        int snapshotEnd = written.states().firstKey();
        for (int cut = 0; cut < written.file().length; cut++) {
            Journal.Recovery recovery = Journal.recover(Arrays.copyOf(written.file(), cut));
            if (cut < snapshotEnd) {
                assertInstanceOf(Journal.Recovery.Damaged.class, recovery, "cut at " + cut);
                continue;
            }
            var recovered = assertInstanceOf(Journal.Recovery.Recovered.class, recovery, "cut at " + cut);
            var whole = written.states().floorEntry(cut);
            assertEquals((long) whole.getKey(), recovered.length(), "cut at " + cut);
            assertEquals(whole.getValue(), recovered.state().snapshot(), "cut at " + cut);
        }
    }

    @Test
    void anyFlippedBitIsDamage() {
        byte[] file = written().file();
        for (int bit = 0; bit < file.length * 8; bit++) {
            file[bit / 8] ^= (byte) (1 << bit % 8);
            assertInstanceOf(Journal.Recovery.Damaged.class, Journal.recover(file), "bit " + bit);
            file[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void aLostRecordInTheMiddleIsDamage() {
        Written written = written();
        List<Integer> ends = new ArrayList<>(written.states().keySet());
        byte[] file = written.file();
        int offerEnd = ends.get(3);
        int boundEnd = ends.get(4);
        byte[] without = Arrays.copyOf(file, file.length - (boundEnd - offerEnd));
        System.arraycopy(file, boundEnd, without, offerEnd, file.length - boundEnd);
        var damaged = assertInstanceOf(Journal.Recovery.Damaged.class, Journal.recover(without));
        assertTrue(damaged.reason().contains("makes no sense"), damaged.reason());
    }

    @Test
    void aFreshFileSaysTheSameAsTheLongOne() {
        var recovered = assertInstanceOf(
                Journal.Recovery.Recovered.class, Journal.recover(written().file()));
        byte[] compact = Journal.file(recovered.state());
        var again = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(compact));
        assertEquals(recovered.state().snapshot(), again.state().snapshot());
        assertEquals(recovered.state().sequence(), again.state().sequence());
        assertTrue(compact.length < written().file().length);
    }

    @Test
    void anEmptyFileIsDamageAndNotAFreshLedger() {
        assertInstanceOf(Journal.Recovery.Damaged.class, Journal.recover(new byte[0]));
    }
}
