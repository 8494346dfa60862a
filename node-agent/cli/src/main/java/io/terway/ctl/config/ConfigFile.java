package io.terway.ctl.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Finds the data of ConfigMaps in a file: manifests in YAML, or the bare JSON of eni_conf. */
final class ConfigFile {

    private static final long LARGEST = 1 << 20;

    private ConfigFile() {}

    /** A ConfigMap of the file. */
    record Data(String name, Map<String, String> entries) {}

    /** What a file holds, or why it cannot be read. */
    sealed interface Content {

        record Maps(List<Data> maps) implements Content {}

        record Unreadable(String why) implements Content {}
    }

    static Content read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                return new Content.Unreadable(file + " is larger than 1 MiB, which no ConfigMap can be");
            }
            String text = Files.readString(file);
            return text.stripLeading().startsWith("{")
                    ? new Content.Maps(List.of(new Data("eni_conf", Map.of("eni_conf", text))))
                    : manifests(file, text);
        } catch (NoSuchFileException e) {
            return new Content.Unreadable(file + " cannot be read: there is no such file");
        } catch (IOException e) {
            return new Content.Unreadable(file + " cannot be read: " + e);
        }
    }

    private static Content manifests(Path file, String text) {
        List<Data> maps = new ArrayList<>();
        try {
            for (Object document : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
                if (document instanceof Map<?, ?> object && "ConfigMap".equals(object.get("kind"))) {
                    Map<String, String> entries = new LinkedHashMap<>();
                    String wrong = fill(object, entries);
                    if (!wrong.isEmpty()) {
                        return new Content.Unreadable(file + ": " + wrong);
                    }
                    maps.add(new Data(name(object), entries));
                }
            }
        } catch (YAMLException e) {
            return new Content.Unreadable(file + " is not YAML: " + e.getMessage());
        }
        return maps.isEmpty()
                ? new Content.Unreadable(file + " holds no ConfigMap, and no JSON object of eni_conf either")
                : new Content.Maps(maps);
    }

    private static String name(Map<?, ?> object) {
        return object.get("metadata") instanceof Map<?, ?> meta ? String.valueOf(meta.get("name")) : "";
    }

    /** Fills in the entries; answers what is wrong with them. */
    private static String fill(Map<?, ?> object, Map<String, String> entries) {
        if (!(object.get("data") instanceof Map<?, ?> data)) {
            return "the ConfigMap " + name(object) + " has no data";
        }
        for (Map.Entry<?, ?> entry : data.entrySet()) {
            if (!(entry.getValue() instanceof String text)) {
                return "data." + entry.getKey() + " of the ConfigMap " + name(object)
                        + " is not a text; the API server takes texts only: write it after '|' or in quotes";
            }
            entries.put(String.valueOf(entry.getKey()), text);
        }
        return "";
    }
}
