package io.terway.node.ledger;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes what a journal says as the release before the tails wrote it. What it did not know is lost: options of the
 * configuration and the attachment of bindings; of ENIs only those without a trunk can be said.
 */
public final class EarlierRelease {

    private static final int SECONDARY_TAIL = 6;

    private EarlierRelease() {}

    public static byte[] rewriting(byte[] file) {
        Journal.Recovery.Recovered found = (Journal.Recovery.Recovered) Journal.recover(file);
        try {
            ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(snapshot);
            List<LedgerEntry> facts = found.state().snapshot();
            out.writeLong(found.state().sequence());
            out.writeInt(facts.size());
            for (LedgerEntry fact : facts) {
                out.write(plain(fact));
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(file, 0, LaterRelease.BEGIN);
            bytes.writeBytes(LaterRelease.record(snapshot.toByteArray()));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] plain(LedgerEntry fact) throws IOException {
        byte[] bytes = EntryWriter.write(fact);
        return switch (fact) {
            case LedgerEntry.Configured(NodeConfig config) -> plain(bytes, config);
            case LedgerEntry.Bound bound ->
                as(EntryWriter.BOUND_WITHOUT_TAIL, bytes, bytes.length - 4 - LaterRelease.tail(bound.binding()));
            case LedgerEntry.Offered offered -> plain(offered);
            case LedgerEntry.Created _, LedgerEntry.TermSeen _, LedgerEntry.Withdrawn _ -> bytes;
            case LedgerEntry.Released _, LedgerEntry.Rested _ -> bytes;
        };
    }

    /** The tail begins with its length, at the only place where what stands before it is a whole configuration. */
    private static byte[] plain(byte[] bytes, NodeConfig config) {
        for (int at = 1; at <= bytes.length - 4; at++) {
            if (ByteBuffer.wrap(bytes).getInt(at) == bytes.length - at - 4) {
                byte[] plain = as(EntryWriter.CONFIGURED_WITHOUT_TAIL, bytes, at);
                Optional<LedgerEntry> read = read(plain);
                if (read.isPresent()
                        && ((LedgerEntry.Configured) read.get()).config().revision() == config.revision()) {
                    return plain;
                }
            }
        }
        throw new IllegalStateException("no tail found in " + config);
    }

    private static Optional<LedgerEntry> read(byte[] bytes) {
        try {
            return Optional.of(EntryReader.read(bytes));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] plain(LedgerEntry.Offered offered) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(EntryWriter.OFFERED_WITHOUT_TAIL);
        out.writeInt(offered.enis().size());
        for (OfferedEni eni : offered.enis()) {
            byte[] one = EntryWriter.write(new LedgerEntry.Offered(List.of(eni), List.of()));
            out.write(one, 5, one.length - 5 - SECONDARY_TAIL - 4);
        }
        byte[] addresses = EntryWriter.write(new LedgerEntry.Offered(List.of(), offered.addresses()));
        out.write(addresses, 5, addresses.length - 5);
        return bytes.toByteArray();
    }

    private static byte[] as(int kind, byte[] entry, int length) {
        byte[] plain = Arrays.copyOf(entry, length);
        plain[0] = (byte) kind;
        return plain;
    }
}
