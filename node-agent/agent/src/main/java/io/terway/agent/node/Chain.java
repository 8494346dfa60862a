package io.terway.agent.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The plugins that a runtime executes with ours, as the first list in its configuration directory says. */
public final class Chain {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Optional<Path> directory;

    /** @param directory empty when it is not known: then nothing is chained */
    public Chain(Optional<Path> directory) {
        this.directory = directory;
    }

    /** True when a plugin of this type is in a list together with ours. */
    public boolean has(String type) {
        if (directory.isEmpty() || !Files.isDirectory(directory.get())) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory.get())) {
            return files.filter(f -> f.getFileName().toString().endsWith(".conflist"))
                    .sorted()
                    .map(Chain::plugins)
                    .filter(plugins -> names(plugins, "terway"))
                    .findFirst()
                    .filter(plugins -> names(plugins, type))
                    .isPresent();
        } catch (IOException | UncheckedIOException unreadable) {
            return false; // the runtime cannot read it either
        }
    }

    private static boolean names(JsonNode plugins, String type) {
        return plugins.findValuesAsText("type").contains(type);
    }

    private static JsonNode plugins(Path list) {
        try {
            return JSON.readTree(list.toFile()).path("plugins");
        } catch (IOException unreadable) {
            return JSON.createArrayNode();
        }
    }
}
