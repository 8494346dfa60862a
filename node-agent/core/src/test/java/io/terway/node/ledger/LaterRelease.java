package io.terway.node.ledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Rewrites a journal as a release to come might have written it: with a field more in every binding's tail. */
public final class LaterRelease {

    static final int BEGIN = 8;

    private LaterRelease() {}

    public static byte[] appending(byte[] file) {
        try {
            return rewrite(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] rewrite(byte[] file) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(file));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(in.readNBytes(BEGIN));
        while (in.available() > 0) {
            int length = in.readInt();
            in.skipNBytes(8);
            byte[] payload = in.readNBytes(length);
            out.writeBytes(record(payload[0] == EntryWriter.BOUND ? withOneFieldMore(payload) : payload));
        }
        return out.toByteArray();
    }

    /** A binding ends with its tail: the length, then the attachment as text, then its host ports. */
    private static byte[] withOneFieldMore(byte[] payload) throws IOException {
        LedgerEntry.Bound bound = (LedgerEntry.Bound) EntryReader.read(payload);
        int tail = tail(bound.binding());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(payload, 0, payload.length - tail - 4);
        out.writeInt(tail + 6);
        out.write(payload, payload.length - tail, tail);
        out.writeUTF("more");
        return bytes.toByteArray();
    }

    /** What a binding's tail takes, without its length. */
    static int tail(Binding binding) {
        int ports = binding.hostPorts().stream()
                .mapToInt(port -> 7 + port.at().family().bits() / 8)
                .sum();
        return 2 + binding.attachment().name().length() + 4 + ports;
    }

    static byte[] record(byte[] payload) {
        byte[] length = ByteBuffer.allocate(4).putInt(payload.length).array();
        return ByteBuffer.allocate(12 + payload.length)
                .put(length)
                .putInt(checksum(length))
                .putInt(checksum(payload))
                .put(payload)
                .array();
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
