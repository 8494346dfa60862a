package io.terway.lab.api.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * An append-only file of JSON records, one per line: CRC-32 in eight hex digits, a space, the record. A record counts when
 * its write(2) returned: that survives the end of this process, not a power loss, which ends the lab anyway. A torn or
 * damaged last record is cut; damage before the last record stops the start, because what follows it may depend on it.
 */
final class Journal implements AutoCloseable {

    private static final int CRC_DIGITS = 8;

    private final Path file;
    private FileChannel channel;
    private long size;

    private Journal(Path file, FileChannel channel, long size) {
        this.file = file;
        this.channel = channel;
        this.size = size;
    }

    /**
     * Opens {@code file}, made when absent, and hands every record to {@code reader} in order.
     *
     * @throws IOException when the file cannot be used, or is damaged before its last record
     */
    static Journal open(Path file, Consumer<ObjectNode> reader) throws IOException {
        if (file.toAbsolutePath().getParent() != null) {
            Files.createDirectories(file.toAbsolutePath().getParent());
        }
        byte[] content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        int end = replay(file, content, reader);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        // Two servers on one file would interleave records; the lock goes with the process.
        if (!locked(channel)) {
            channel.close();
            throw new IOException(file + " is in use by another API server; stop that one or name another file");
        }
        channel.truncate(end);
        channel.position(end);
        return new Journal(file, channel, end);
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException inThisProcess) {
            return false;
        }
    }

    private static int replay(Path file, byte[] content, Consumer<ObjectNode> reader) throws IOException {
        int start = 0;
        while (start < content.length) {
            int end = start;
            while (end < content.length && content[end] != '\n') {
                end++;
            }
            ObjectNode record = end == content.length ? null : record(content, start, end);
            if (record == null) {
                if (end + 1 < content.length) {
                    throw new IOException(file + " is damaged at byte " + start + " of " + content.length
                            + ", before its last record; restore it, or remove it to start with an empty cluster");
                }
                return start;
            }
            reader.accept(record);
            start = end + 1;
        }
        return start;
    }

    private static ObjectNode record(byte[] content, int start, int end) {
        int body = start + CRC_DIGITS + 1;
        if (end <= body) {
            return null;
        }
        String sum = new String(content, start, CRC_DIGITS, StandardCharsets.US_ASCII);
        byte[] text = java.util.Arrays.copyOfRange(content, body, end);
        if (!sum.equals(checksum(text))) {
            return null;
        }
        try {
            JsonNode record = Json.parse(text);
            return record instanceof ObjectNode object ? object : null;
        } catch (Refusal notJson) {
            return null;
        }
    }

    /** Bytes in the file. */
    long size() {
        return size;
    }

    void append(ObjectNode record) throws IOException {
        ByteBuffer line = ByteBuffer.wrap(line(record));
        int length = line.remaining();
        try {
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            // Half a record must not stay where the next one goes: that would be damage before the end.
            channel.truncate(size);
            channel.position(size);
            throw e;
        }
        size += length;
    }

    /** Replaces the whole file by these records; atomic, so a crash leaves the old or the new one. */
    void rewrite(Iterable<ObjectNode> records) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        FileChannel replacement = FileChannel.open(
                next,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        replacement.lock();
        OutputStream out = java.nio.channels.Channels.newOutputStream(replacement);
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        for (ObjectNode record : records) {
            chunk.writeBytes(line(record));
            if (chunk.size() > 1 << 16) {
                chunk.writeTo(out);
                chunk.reset();
            }
        }
        chunk.writeTo(out);
        replacement.force(false);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        channel.close();
        channel = replacement;
        size = replacement.position();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static byte[] line(ObjectNode record) {
        byte[] text = Json.bytes(record);
        byte[] line = new byte[CRC_DIGITS + 1 + text.length + 1];
        System.arraycopy(checksum(text).getBytes(StandardCharsets.US_ASCII), 0, line, 0, CRC_DIGITS);
        line[CRC_DIGITS] = ' ';
        System.arraycopy(text, 0, line, CRC_DIGITS + 1, text.length);
        line[line.length - 1] = '\n';
        return line;
    }

    private static String checksum(byte[] text) {
        CRC32 crc = new CRC32();
        crc.update(text);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** The records of a test's file, without opening it for writing. */
    static List<ObjectNode> read(Path file) throws IOException {
        List<ObjectNode> records = new ArrayList<>();
        replay(file, Files.readAllBytes(file), records::add);
        return records;
    }
}
