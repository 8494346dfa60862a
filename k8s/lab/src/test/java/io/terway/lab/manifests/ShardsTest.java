package io.terway.lab.manifests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The component that divides the nodes between shards, laid over a cluster as its own text says. */
class ShardsTest {

    private static Kustomized cluster;

    @BeforeAll
    static void layItOverACluster() throws IOException {
        Path overlay = Kustomized.ROOT.resolve("k8s/lab/target/sharded");
        Files.createDirectories(overlay);
        Files.writeString(overlay.resolve("kustomization.yaml"), """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [../../../overlays/simulator]
                components: [../../../overlays/shards]
                """);
        cluster = Kustomized.of("k8s/lab/target/sharded");
    }

    @Test
    void eachShardIsADeploymentOfTheSameParts() {
        JsonNode first = cluster.get("Deployment", "terway-ipam").path("spec");
        JsonNode second = cluster.get("Deployment", "terway-ipam-1").path("spec");

        assertEquals(first.path("replicas"), second.path("replicas"));
        assertEquals(container(first).path("image"), container(second).path("image"));
        assertEquals(first.at("/template/spec/serviceAccountName"), second.at("/template/spec/serviceAccountName"));
        assertEquals("", environment(first, "TERWAY_SHARD").path("value").asText(), "0 is the default");
        assertEquals("1", environment(second, "TERWAY_SHARD").path("value").asText());
    }

    @Test
    void shardsAndAgentsReadOneDivision() {
        List<JsonNode> all = List.of(
                cluster.get("Deployment", "terway-ipam"),
                cluster.get("Deployment", "terway-ipam-1"),
                cluster.get("DaemonSet", "terway-eniip"));

        List<String> read = all.stream()
                .map(part -> environment(part.path("spec"), "TERWAY_SHARDS")
                        .at("/valueFrom/configMapKeyRef/name")
                        .asText())
                .distinct()
                .toList();

        assertEquals(1, read.size(), read.toString());
        assertEquals(
                "*=0,1",
                cluster.get("ConfigMap", read.getFirst()).at("/data/shards").asText());
    }

    @Test
    void theLeaseOfEachShardMayBeTaken() {
        JsonNode rules = cluster.get("Role", "terway-ipam").path("rules");

        assertTrue(
                StreamSupport.stream(rules.spliterator(), false)
                        .anyMatch(rule ->
                                rule.path("resourceNames").toString().contains("terway-ipam-0\",\"terway-ipam-1")
                                        && rule.path("verbs").toString().contains("update")),
                rules.toString());
    }

    private static JsonNode container(JsonNode spec) {
        return spec.at("/template/spec/containers/0");
    }

    private static JsonNode environment(JsonNode spec, String name) {
        return StreamSupport.stream(container(spec).path("env").spliterator(), false)
                .filter(one -> one.path("name").asText().equals(name))
                .findFirst()
                .orElse(com.fasterxml.jackson.databind.node.MissingNode.getInstance());
    }
}
