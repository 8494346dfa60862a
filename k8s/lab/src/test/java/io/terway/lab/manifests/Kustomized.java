package io.terway.lab.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The objects of one directory as {@code kubectl kustomize} renders it. */
record Kustomized(String directory, String text, List<JsonNode> objects) {

    static final Path ROOT = root();

    private static final Map<String, Kustomized> RENDERED = new ConcurrentHashMap<>();

    static Kustomized of(String directory) {
        return RENDERED.computeIfAbsent(directory, Kustomized::render);
    }

    private static Kustomized render(String directory) {
        Command.requirePackage("kubectl", "kubectl");
        Command.Result rendered = Command.run(ROOT, List.of("kubectl", "kustomize", directory));
        if (rendered.code() != 0) {
            throw new AssertionError(directory + " does not render: " + rendered.error());
        }
        return new Kustomized(directory, rendered.output(), documents(rendered.output()));
    }

    /** The documents of a YAML text. */
    static List<JsonNode> documents(String yaml) {
        YAMLMapper mapper = new YAMLMapper();
        try (MappingIterator<JsonNode> all =
                mapper.readerFor(JsonNode.class).readValues(mapper.getFactory().createParser(yaml))) {
            return all.readAll().stream().filter(JsonNode::isObject).toList();
        } catch (IOException e) {
            throw new AssertionError("not YAML: " + e.getMessage(), e);
        }
    }

    Stream<JsonNode> kind(String kind) {
        return objects.stream().filter(object -> object.path("kind").asText().equals(kind));
    }

    boolean has(String kind, String name) {
        return kind(kind).anyMatch(object -> name(object).equals(name));
    }

    JsonNode get(String kind, String name) {
        return kind(kind)
                .filter(object -> name(object).equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(directory + " has no " + kind + " " + name));
    }

    /** What makes pods. */
    List<JsonNode> workloads() {
        return Stream.concat(kind("DaemonSet"), kind("Deployment")).toList();
    }

    static JsonNode podSpec(JsonNode workload) {
        return workload.at("/spec/template/spec");
    }

    static List<JsonNode> containers(JsonNode workload) {
        return list(podSpec(workload).path("containers"));
    }

    static String name(JsonNode object) {
        return object.at("/metadata/name").asText();
    }

    static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("k8s/base"))) {
            at = at.getParent();
            if (at == null) {
                throw new AssertionError("run this inside the source tree: no k8s/base above the working directory");
            }
        }
        return at;
    }
}
