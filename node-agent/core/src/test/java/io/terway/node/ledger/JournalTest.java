package io.terway.node.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertEquals(4, recovered.state().sequence());
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

    /** A file of the first version, before entries had tails: it says what the samples said then. */
    @Test
    void readsAFileFromBeforeEntriesHadTails() {
        byte[] old = HexFormat.of().parseHex("""
                5445525741594c01000001d802cf6ad4389eca3300000000000000030000000701000b6c65646765722d3030303102000000
                00000000040300000000000000010005454e494950000456657468000000010004495056340000000104ac10000010000000
                0104a9fe140a20000000000000000000007530000500000001040a0040040005656e692d61000000000000000b0000000004
                000000010005656e692d61000000163e00000a00057673772d6800000001040a0040001400000001040a0040fa0000000003
                040a0040010005656e692d61040a00400120000000000000000a040a0040020005656e692d61040a00400220000000000000
                000a040a0040030005656e692d61040a00400320000000000000000a060006746572776179000374776f0004657468300007
                64656661756c7400077765622d74776f00077569642d74776f000e2f72756e2f6e65746e732f74776f00000001040a004002
                0005656e692d6100002462303037316430302d303030302d343030302d383030302d30303030303030303030303100000001
                2a05f200000000000000000208040a004001000764656661756c7400077765622d6f6e6500077569642d6f6e650000246230
                3037316430302d303030302d343030302d383030302d30303030303030303030303100000004a817c800
                """.replace("\n", ""));

        var recovered = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(old));

        assertEquals(List.of(Samples.ENI_A), List.copyOf(recovered.state().enis()));
        assertEquals(
                List.of(Samples.binding("two", Samples.ip(2), Samples.ENI_A, 2)),
                List.copyOf(recovered.state().bindings()));
        assertEquals(
                Optional.of(Samples.configBeforeTails(1)), recovered.state().config());
    }

    @ParameterizedTest
    @ValueSource(strings = {"journal-v1", "compacted-v1"})
    void readsAFileThatTheFirstReleaseWrote(String name) throws IOException {
        byte[] file;
        try (InputStream in = JournalTest.class.getResourceAsStream(name)) {
            file = in.readAllBytes();
        }
        var old = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(file));
        assertEquals(2, old.state().sequence() - 1, "two binds and a release");
        assertEquals(
                List.of(Samples.binding("two", Samples.ip(2), Samples.ENI_A, 2)),
                List.copyOf(old.state().bindings()));
        var anew = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(Journal.file(old.state())));
        assertEquals(old.state().snapshot(), anew.state().snapshot());
    }

    @Test
    void readsWhatTheReleaseBeforeTailsWouldHaveWritten() {
        LedgerState now = Samples.fresh();
        Samples.everyKind().subList(0, 8).forEach(now::apply); // what follows it could not say
        now.apply(new LedgerEntry.Configured(Samples.configBeforeTails(1)));

        byte[] earlier = EarlierRelease.rewriting(Journal.file(now));

        var recovered = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(earlier));
        assertEquals(now.snapshot(), recovered.state().snapshot());
        assertEquals(now.sequence(), recovered.state().sequence());
        assertTrue(earlier.length < Journal.file(now).length, "the tails are gone");
    }

    @Test
    void skipsWhatALaterReleaseAppendedToABinding() {
        Written written = written();
        byte[] later = LaterRelease.appending(written.file());
        assertTrue(later.length > written.file().length);
        var recovered = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(later));
        assertEquals(written.states().lastEntry().getValue(), recovered.state().snapshot());
    }

    /** Whatever release ended the tail of a configuration at a field, ours reads it; one cut inside of a field is damage. */
    @Test
    void readsConfigurationsWhoseTailsEndAtAnyField() {
        byte[] whole = EntryWriter.write(new LedgerEntry.Configured(Samples.fullConfig(2)));
        int at = tailOf(whole);
        int readable = 0;
        for (int length = 0; length <= whole.length - at - 4; length++) {
            byte[] shorter = Arrays.copyOf(whole, at + 4 + length);
            ByteBuffer.wrap(shorter).putInt(at, length);
            try {
                NodeConfig config = ((LedgerEntry.Configured) EntryReader.read(shorter)).config();
                assertEquals(2, config.revision());
                readable++;
            } catch (IllegalArgumentException insideOfAField) {
                assertTrue(length > 0, "an empty tail is one of defaults");
            }
        }
        assertTrue(readable > NetworkOptions.class.getRecordComponents().length, readable + " lengths were readable");
    }

    /** Where the tail's length stands: what stands before it is a configuration of the release without tails. */
    private static int tailOf(byte[] entry) {
        for (int at = 1; at <= entry.length - 4; at++) {
            byte[] plain = Arrays.copyOf(entry, at);
            plain[0] = EntryWriter.CONFIGURED_WITHOUT_TAIL;
            if (ByteBuffer.wrap(entry).getInt(at) == entry.length - at - 4 && isReadable(plain)) {
                return at;
            }
        }
        throw new AssertionError("no tail");
    }

    private static boolean isReadable(byte[] entry) {
        try {
            EntryReader.read(entry);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void readsEnisAndBindingsWhoseTailsAreEmpty() {
        LedgerEntry.Offered offer = new LedgerEntry.Offered(List.of(Samples.ENI_A), List.of());
        byte[] eni = EntryWriter.write(offer);
        // tail: length, role, groups; then the empty list of addresses
        byte[] shorter = Arrays.copyOf(eni, eni.length - 2);
        Arrays.fill(shorter, shorter.length - 8, shorter.length, (byte) 0);
        assertEquals(offer, EntryReader.read(shorter));
        Binding binding = Samples.binding("one", Samples.ip(1), Samples.ENI_A, 1);
        byte[] bound = EntryWriter.write(new LedgerEntry.Bound(binding));
        byte[] untailed = Arrays.copyOf(bound, bound.length - LaterRelease.tail(binding));
        ByteBuffer.wrap(untailed).putInt(untailed.length - 4, 0);
        assertEquals(new LedgerEntry.Bound(binding), EntryReader.read(untailed));
    }
}
