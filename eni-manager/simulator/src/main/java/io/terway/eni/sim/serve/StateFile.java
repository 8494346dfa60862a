package io.terway.eni.sim.serve;

import io.terway.eni.sim.cloud.CloudSnapshot;
import io.terway.eni.sim.rpc.AccessKeys;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Repeats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole twin in one file, replaced atomically. */
final class StateFile {

    private static final int FORMAT = 1;

    /** @param tokens what repeated calls are answered with */
    record Kept(int format, CloudSnapshot cloud, List<Token> tokens, List<AccessKeys.AccessKey> temporaryKeys) {}

    /** A remembered answer in plain JSON types. */
    record Token(String key, Map<String, String> params, Map<String, Object> answer) {}

    private final Path file;

    StateFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    /** What is kept, or nothing when the file does not exist yet. */
    Optional<Kept> read() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Kept kept = Json.MAPPER.readValue(file.toFile(), Kept.class);
            if (kept.format() != FORMAT) {
                throw new IllegalArgumentException("the state file " + file + " has format " + kept.format()
                        + "; this twin reads format " + FORMAT);
            }
            return Optional.of(kept);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the state file " + file + " is unreadable: " + e.getMessage() + "; remove it to start anew", e);
        }
    }

    void write(Kept kept) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(Json.MAPPER.writeValueAsBytes(kept));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(false);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the state file " + file + " cannot be written", e);
        }
    }

    /** Everything a desk keeps. Call under the twin's lock. */
    static Kept keep(Desk desk) {
        List<Token> tokens = desk.repeats().remembered().stream()
                .map(r -> new Token(r.key(), r.params(), plain(r.answer())))
                .toList();
        return new Kept(FORMAT, desk.cloud().snapshot(), tokens, desk.keys().temporaries());
    }

    static List<Repeats.Remembered> remembered(Kept kept) {
        return kept.tokens().stream()
                .map(t -> new Repeats.Remembered(t.key(), t.params(), fields(t.answer())))
                .toList();
    }

    private static Map<String, Object> plain(Fields fields) {
        Map<String, Object> out = new LinkedHashMap<>();
        fields.forEach((name, value) -> out.put(name, plainValue(value)));
        return out;
    }

    private static Object plainValue(Object value) {
        return switch (value) {
            case Fields inner -> plain(inner);
            case List<?> list -> list.stream().map(StateFile::plainValue).toList();
            default -> value;
        };
    }

    private static Fields fields(Map<?, ?> map) {
        Fields out = Fields.of();
        map.forEach((name, value) -> out.restore(name.toString(), fieldValue(value)));
        return out;
    }

    private static Object fieldValue(Object value) {
        return switch (value) {
            case Map<?, ?> inner -> fields(inner);
            case List<?> list -> {
                List<Object> items = new ArrayList<>();
                list.forEach(item -> items.add(fieldValue(item)));
                yield List.copyOf(items);
            }
            default -> value;
        };
    }
}
