package io.terway.agent.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The plugins that a runtime executes with ours, as the first list in its configuration directory says. It is asked at each
 * ADD and several times a second, so lists are read again only when the directory or one of them has changed. Any thread.
 */
public final class Chain {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** File systems date changes by their own tick: what is younger may change again under the same date. */
    private static final Duration SETTLED = Duration.ofSeconds(1);

    private final Optional<Path> directory;
    private volatile Known known = new Known(Map.of(), Set.of(), false);

    /**
     * @param dates of the directory and its lists
     * @param plugins with ours, itself included; empty when no list has it
     * @param settled false when a date may not tell of the next change
     */
    private record Known(Map<Path, FileTime> dates, Set<String> plugins, boolean settled) {}

    /** @param directory empty when it is not known: then nothing is chained */
    public Chain(Optional<Path> directory) {
        this.directory = directory;
    }

    /** True when a plugin of this type is in a list together with ours. */
    public boolean has(String type) {
        if (directory.isEmpty()) {
            return false;
        }
        Known now = known;
        if (!now.settled() || !isSame(now.dates())) {
            now = read(directory.get());
            known = now;
        }
        return now.plugins().contains(type);
    }

    private static boolean isSame(Map<Path, FileTime> dates) {
        return dates.entrySet().stream().allMatch(e -> date(e.getKey()).equals(e.getValue()));
    }

    /** Dates first: a change while lists are read is seen by the next one to ask. */
    private static Known read(Path directory) {
        Map<Path, FileTime> dates = new TreeMap<>();
        dates.put(directory, date(directory));
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(f -> f.getFileName().toString().endsWith(".conflist")).forEach(f -> dates.put(f, date(f)));
        } catch (IOException | UncheckedIOException unreadable) {
            return new Known(Map.of(), Set.of(), false); // the runtime cannot read it either
        }
        FileTime settled = FileTime.from(Instant.now().minus(SETTLED));
        return new Known(
                dates,
                dates.keySet().stream()
                        .filter(file -> !file.equals(directory))
                        .map(list -> Set.copyOf(plugins(list).findValuesAsText("type")))
                        .filter(plugins -> plugins.contains("terway"))
                        .findFirst()
                        .orElse(Set.of()),
                dates.values().stream().allMatch(date -> date.compareTo(settled) < 0));
    }

    private static FileTime date(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    private static JsonNode plugins(Path list) {
        try {
            return JSON.readTree(list.toFile()).path("plugins");
        } catch (IOException unreadable) {
            return JSON.createArrayNode();
        }
    }
}
