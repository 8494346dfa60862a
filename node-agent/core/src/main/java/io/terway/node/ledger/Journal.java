package io.terway.node.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The ledger's form on disk: a magic with the format's version, one record with a snapshot, then one record per entry.
 *
 * <p>Record: payload length, CRC-32C of that length, CRC-32C of the payload (4 bytes each, big-endian), payload. The
 * length has its own checksum so that a flipped bit in it is not taken for a record that was cut off.
 *
 * <p>Appending is one write at the end. So what a crash can leave is a prefix: the torn record is cut. Every other
 * difference is damage, of facts that were promised, and the ledger is not used.
 */
public final class Journal {

    /** The last byte is the version of the format. */
    private static final byte[] MAGIC = "TERWAYL\u0001".getBytes(StandardCharsets.ISO_8859_1);

    private static final int HEAD = 12;

    /** No record is larger: a snapshot of 4,096 withdrawn and 4,096 offered addresses has under 1 MiB. */
    static final int MAX_RECORD = 16 << 20;

    /** After this many entries the owner writes a fresh file. */
    public static final int ENTRIES_PER_FILE = 10_000;

    private Journal() {}

    /** What was found in a file. */
    public sealed interface Recovery {

        /**
         * A usable ledger.
         *
         * @param length bytes that count; what follows was torn and is to be cut
         * @param entries entries after the snapshot
         */
        record Recovered(LedgerState state, long length, int entries) implements Recovery {}

        /** @param reason what is wrong and at which byte, for people */
        record Damaged(String reason) implements Recovery {}
    }

    /** A whole file that says what {@code state} says. */
    public static byte[] file(LedgerState state) {
        byte[] snapshot = EntryWriter.writeAll(state.sequence(), state.snapshot());
        return ByteBuffer.allocate(MAGIC.length + HEAD + snapshot.length)
                .put(MAGIC)
                .put(record(snapshot))
                .array();
    }

    /** The bytes that append this entry. */
    public static byte[] record(LedgerEntry entry) {
        return record(EntryWriter.write(entry));
    }

    private static byte[] record(byte[] payload) {
        if (payload.length > MAX_RECORD) {
            throw new IllegalArgumentException("a ledger record of " + payload.length + " bytes exceeds " + MAX_RECORD);
        }
        ByteBuffer record = ByteBuffer.allocate(HEAD + payload.length);
        record.putInt(payload.length);
        record.putInt(checksum(record.array(), 0, 4));
        record.putInt(checksum(payload, 0, payload.length));
        return record.put(payload).array();
    }

    /** Reads a file back. */
    public static Recovery recover(byte[] file) {
        if (file.length < MAGIC.length || !startsWithMagic(file)) {
            return new Recovery.Damaged("the ledger does not begin with the mark of version 1");
        }
        LedgerState state = null;
        int at = MAGIC.length;
        int entries = 0;
        while (at < file.length) {
            switch (next(file, at)) {
                case Found found -> {
                    try {
                        if (state == null) {
                            state = EntryReader.readSnapshot(found.payload());
                        } else {
                            state.apply(EntryReader.read(found.payload()));
                            entries++;
                        }
                    } catch (IllegalArgumentException | IllegalStateException e) {
                        return new Recovery.Damaged("the record at byte " + at + " makes no sense: " + e.getMessage());
                    }
                    at += HEAD + found.payload().length;
                }
                case Torn() -> {
                    return state == null
                            ? new Recovery.Damaged("the snapshot at byte " + at + " is cut off")
                            : new Recovery.Recovered(state, at, entries);
                }
                case Wrong wrong -> {
                    return new Recovery.Damaged(wrong.what() + " at byte " + at);
                }
            }
        }
        return state == null
                ? new Recovery.Damaged("the ledger has no snapshot")
                : new Recovery.Recovered(state, at, entries);
    }

    /**
     * What can still be read of a damaged file: every record that is whole and does not contradict those before. What is
     * missing is not known, so nothing may be given out on its word alone.
     */
    public static LedgerState salvage(byte[] file) {
        LedgerState state = new LedgerState();
        int at = MAGIC.length;
        boolean first = true;
        while (at < file.length) {
            if (!(next(file, at) instanceof Found(byte[] payload))) {
                at = skip(file, at);
                first = false;
                continue;
            }
            LedgerState before = state;
            state = first ? snapshot(payload).orElse(before) : state;
            if (!first || state == before) {
                tryEntry(state, payload);
            }
            first = false;
            at += HEAD + payload.length;
        }
        return state;
    }

    /** Behind a damaged record whose length can be believed, else one byte on: a record is found by its checksums. */
    private static int skip(byte[] file, int at) {
        ByteBuffer head = ByteBuffer.wrap(file, at, file.length - at);
        if (head.remaining() >= HEAD) {
            int length = head.getInt();
            if (head.getInt() == checksum(file, at, 4) && length >= 1 && length <= file.length - at - HEAD) {
                return at + HEAD + length;
            }
        }
        return at + 1;
    }

    private static Optional<LedgerState> snapshot(byte[] payload) {
        try {
            return Optional.of(EntryReader.readSnapshot(payload));
        } catch (IllegalArgumentException | IllegalStateException senseless) {
            return Optional.empty();
        }
    }

    private static void tryEntry(LedgerState state, byte[] payload) {
        try {
            state.apply(EntryReader.read(payload));
        } catch (IllegalArgumentException | IllegalStateException contradiction) {
            // a fact that it builds on was lost
        }
    }

    /** What stands at one place of the file. */
    private sealed interface Next {}

    private record Found(byte[] payload) implements Next {}

    private record Torn() implements Next {}

    private record Wrong(String what) implements Next {}

    private static Next next(byte[] file, int at) {
        ByteBuffer head = ByteBuffer.wrap(file, at, file.length - at);
        if (head.remaining() < HEAD) {
            return new Torn();
        }
        int length = head.getInt();
        if (head.getInt() != checksum(file, at, 4) || length < 1 || length > MAX_RECORD) {
            return new Wrong("the head of the record is damaged");
        }
        int checksum = head.getInt();
        if (head.remaining() < length) {
            return new Torn();
        }
        if (checksum != checksum(file, at + HEAD, length)) {
            return new Wrong("the checksum does not match the record");
        }
        byte[] payload = new byte[length];
        head.get(payload);
        return new Found(payload);
    }

    private static boolean startsWithMagic(byte[] file) {
        return ByteBuffer.wrap(file, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    private static int checksum(byte[] bytes, int from, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, count);
        return (int) crc.getValue();
    }
}
