package io.terway.sim;

import io.terway.node.ledger.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A disk behind a page cache. A killed process loses nothing it wrote; a power loss cuts each file somewhere between what
 * was synced and what was written, and may undo renames whose directory was not synced.
 */
final class SimDisk implements Disk {

    private final Weather weather;
    private final Rules rules;
    private Map<Path, Content> names = new HashMap<>();
    private Map<Path, Content> durableNames = new HashMap<>();

    /** Bytes of a file; the first {@code synced} survive everything. */
    private static final class Content {
        byte[] bytes = new byte[256];
        int length;
        int synced;

        void append(byte[] more, int count) {
            if (length + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
            }
            System.arraycopy(more, 0, bytes, length, count);
            length += count;
        }

        Content copy() {
            Content copy = new Content();
            copy.append(bytes, length);
            copy.synced = synced;
            return copy;
        }
    }

    SimDisk(Weather weather, Rules rules) {
        this.weather = weather;
        this.rules = rules;
    }

    private final class OpenFile implements Handle {

        private final Content content;

        OpenFile(Content content) {
            this.content = content;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            if (weather.strikes(0.0005)) {
                content.append(bytes, bytes.length / 2);
                throw new IOException("No space left on device");
            }
            content.append(bytes, bytes.length);
        }

        @Override
        public void truncate(long length) throws IOException {
            if (weather.strikes(0.0005)) {
                throw new IOException("Input/output error");
            }
            content.length = (int) Math.min(length, content.length);
            content.synced = Math.min(content.synced, content.length);
        }

        @Override
        public void sync() {
            if (rules.syncWorks()) {
                content.synced = content.length;
            }
        }

        @Override
        public void close() {}
    }

    @Override
    public Handle open(Path path) {
        return new OpenFile(names.computeIfAbsent(path, _ -> new Content()));
    }

    @Override
    public void move(Path from, Path to) {
        names.put(to, names.remove(from));
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (weather.strikes(0.01)) {
            throw new IOException("Input/output error");
        }
        durableNames = new HashMap<>(names);
    }

    Optional<byte[]> read(Path path) {
        return Optional.ofNullable(names.get(path)).map(c -> Arrays.copyOf(c.bytes, c.length));
    }

    void remove(Path path) {
        names.remove(path);
        durableNames.remove(path);
    }

    /** The power goes: what was not synced is kept up to a point that nobody chose. */
    void lose() {
        names = new HashMap<>(weather.coin(0.5) ? names : durableNames);
        durableNames = new HashMap<>(names);
        for (Content content : names.values()) {
            int unsynced = content.length - content.synced;
            content.length = content.synced + (unsynced == 0 ? 0 : weather.between(0, unsynced));
        }
    }

    /** One bit flips in what was synced long ago. */
    void rot(Path path) {
        Content content = names.get(path);
        if (content != null && content.length > 0) {
            content.bytes[weather.between(0, content.length - 1)] ^= 4;
        }
    }

    /** A disk with the same contents. */
    SimDisk copy() {
        SimDisk copy = new SimDisk(weather, rules);
        copy.clone(this);
        return copy;
    }

    /** Becomes a copy of another disk. */
    void clone(SimDisk other) {
        names = new HashMap<>();
        other.names.forEach((path, content) -> names.put(path, content.copy()));
        durableNames = new HashMap<>(names);
    }
}
