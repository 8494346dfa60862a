package io.terway.lab.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A network configuration list as a runtime reads it.
 *
 * @param plugins in ADD order
 */
public record CniChain(String name, String cniVersion, List<ObjectNode> plugins) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public CniChain {
        plugins = List.copyOf(plugins);
    }

    /**
     * The first network of a CNI configuration directory by file name, as runtimes choose it.
     *
     * @throws Refusal when there is none, which on a real node means that the agent has not installed it yet
     */
    public static CniChain first(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            Path chosen = files.filter(CniChain::isConfiguration)
                    .sorted()
                    .findFirst()
                    .orElseThrow(() -> new Refusal("no network configuration in " + directory));
            return parse(Files.readString(chosen), chosen.toString());
        } catch (IOException e) {
            throw new Refusal("cannot read the network configuration in " + directory + ": " + e.getMessage());
        }
    }

    /** True when the directory holds a network configuration. */
    public static boolean present(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(CniChain::isConfiguration);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isConfiguration(Path file) {
        return file.toString().matches(".*\\.(conf|conflist|json)");
    }

    static CniChain parse(String text, String file) {
        try {
            JsonNode conf = JSON.readTree(text);
            List<ObjectNode> plugins = new ArrayList<>();
            if (conf.has("plugins")) {
                conf.path("plugins").forEach(plugin -> plugins.add((ObjectNode) plugin));
            } else {
                plugins.add((ObjectNode) conf);
            }
            if (conf.path("name").asText().isEmpty() || plugins.isEmpty()) {
                throw new Refusal(file + " names no network or has no plugins");
            }
            return new CniChain(
                    conf.path("name").asText(), conf.path("cniVersion").asText("0.4.0"), plugins);
        } catch (JsonProcessingException | ClassCastException e) {
            throw new Refusal(file + " is not a CNI network configuration");
        }
    }

    /**
     * What one plugin gets on its standard input.
     *
     * @param previous the result before it in the chain; a missing node for the first
     * @param capabilities the runtime's arguments by capability; a plugin gets those it declares
     */
    public String input(int index, JsonNode previous, ObjectNode capabilities) {
        ObjectNode conf = plugins.get(index).deepCopy();
        conf.put("name", name);
        conf.put("cniVersion", cniVersion);
        ObjectNode granted = JSON.createObjectNode();
        conf.path("capabilities").properties().forEach(wanted -> {
            if (wanted.getValue().asBoolean() && capabilities.has(wanted.getKey())) {
                granted.set(wanted.getKey(), capabilities.get(wanted.getKey()));
            }
        });
        conf.remove("capabilities");
        if (!granted.isEmpty()) {
            conf.set("runtimeConfig", granted);
        }
        if (!previous.isMissingNode()) {
            conf.set("prevResult", previous);
        }
        return conf.toString();
    }

    /** The plugin's executable name. */
    public String type(int index) {
        return plugins.get(index).path("type").asText();
    }
}
