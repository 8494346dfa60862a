package io.terway.lab.manifests;

import static io.terway.lab.manifests.Kustomized.list;
import static io.terway.lab.manifests.Kustomized.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.ApiOptions;
import io.terway.lab.api.EmbeddedApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PodNetInfo and NodeNetInfo as the guide prints them, in schemas that an API server takes. */
class CustomResourcesTest {

    /** The guide's own output, chapter 5. */
    private static final String GUIDE = """
            apiVersion: network.alibabacloud.com/v1
            kind: PodNetInfo
            metadata:
              name: redis-cluster-0
              namespace: default
            spec:
              podIP: 10.0.1.100
              eniID: eni-bp1xxx
              macAddress: 00:16:3e:aa:bb:cc
              vSwitchID: vsw-bp1xxx
              securityGroupIDs:
              - sg-bp1xxx
            """;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"k8s/crds", "k8s/crds/policy"})
    void schemasAreStructural(String folder) {
        Kustomized crds = Kustomized.of(folder);
        assertEquals(2, crds.objects().size());
        crds.kind("CustomResourceDefinition").forEach(crd -> {
            assertEquals(
                    crd.at("/spec/names/plural").asText() + "."
                            + crd.at("/spec/group").asText(),
                    name(crd));
            List<String> faults = new ArrayList<>();
            faults(crd.at("/spec/versions/0/schema/openAPIV3Schema"), name(crd), faults);
            assertEquals(List.of(), faults);
        });
    }

    @Test
    void printerColumnsShowFieldsThatExist() {
        Stream.of("k8s/crds", "k8s/crds/policy").forEach(CustomResourcesTest::printerColumnsShowFieldsThatExist);
    }

    private static void printerColumnsShowFieldsThatExist(String folder) {
        Kustomized.of(folder).kind("CustomResourceDefinition").forEach(crd -> {
            JsonNode version = crd.at("/spec/versions/0");
            for (JsonNode column : list(version.path("additionalPrinterColumns"))) {
                String path = column.path("jsonPath").asText();
                if (path.startsWith(".metadata")) {
                    continue;
                }
                JsonNode schema = version.at("/schema/openAPIV3Schema");
                for (String step : path.substring(1).split("\\.")) {
                    schema = schema.path("properties").path(step);
                }
                assertEquals(column.path("type").asText(), schema.path("type").asText(), name(crd) + " " + path);
            }
        });
    }

    /** All of the base in a real API machinery, then the guide's commands. */
    @Test
    void anApiServerTakesTheBaseAndTheGuidesObject() throws IOException {
        Command.requirePackage("kubectl", "kubectl");
        Path base = Files.writeString(
                directory.resolve("base.yaml"), Kustomized.of("k8s/base").text());
        Path object = Files.writeString(directory.resolve("object.yaml"), GUIDE);
        try (EmbeddedApi api = EmbeddedApi.start(ApiOptions.of("127.0.0.1", 0, directory.resolve("state")))) {
            api.writeKubeconfig(directory.resolve("kubeconfig"));
            kubectl("apply", "-f", base.toString());
            kubectl("apply", "-f", object.toString());
            String listed = kubectl("get", "podnetinfos.network.alibabacloud.com", "-n", "default");
            assertTrue(listed.contains("10.0.1.100") && listed.contains("eni-bp1xxx"), listed);
            String again = kubectl("apply", "-f", base.toString());
            // kubectl itself always sends a patch for the selector of a PodDisruptionBudget.
            assertTrue(
                    again.lines()
                            .allMatch(line -> line.endsWith("unchanged") || line.startsWith("poddisruptionbudget")),
                    again);
        }
    }

    private String kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "kubectl", "--kubeconfig", directory.resolve("kubeconfig").toString()));
        command.addAll(List.of(arguments));
        Command.Result result = Command.run(directory, command);
        assertEquals(0, result.code(), () -> command + ": " + result.error());
        return result.output();
    }

    /** The rules of a structural schema that a hand can break. */
    private static void faults(JsonNode schema, String at, List<String> faults) {
        String type = schema.path("type").asText();
        if (type.isEmpty()) {
            faults.add(at + " has no type");
        }
        for (String banned : List.of("$ref", "definitions", "dependencies", "deprecated", "id", "uniqueItems")) {
            if (schema.has(banned)) {
                faults.add(at + " uses " + banned);
            }
        }
        if (type.equals("array") && !schema.has("items")) {
            faults.add(at + " has no items");
        }
        if (type.equals("string") && !at.matches(".*\\.(apiVersion|kind)") && !bounded(schema)) {
            faults.add(at + " has no bound");
        }
        if (type.equals("array") && !schema.has("maxItems")) {
            faults.add(at + " has no maxItems");
        }
        List<JsonNode> required = list(schema.at("/items/required"));
        for (JsonNode key : list(schema.path("x-kubernetes-list-map-keys"))) {
            if (!required.contains(key)) {
                faults.add(at + " is keyed by " + key + ", which is not required");
            }
        }
        schema.path("properties")
                .properties()
                .forEach(entry -> faults(entry.getValue(), at + "." + entry.getKey(), faults));
        if (schema.has("items")) {
            faults(schema.path("items"), at + "[]", faults);
        }
    }

    private static boolean bounded(JsonNode schema) {
        return schema.has("maxLength") || schema.has("pattern") || schema.has("enum") || schema.has("format");
    }
}
