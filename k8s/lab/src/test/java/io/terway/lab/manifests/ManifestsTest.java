package io.terway.lab.manifests;

import static io.terway.lab.manifests.Kustomized.containers;
import static io.terway.lab.manifests.Kustomized.list;
import static io.terway.lab.manifests.Kustomized.name;
import static io.terway.lab.manifests.Kustomized.podSpec;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The add-on as it is installed: what the manifests say agrees with itself, with the guide and with the code. */
class ManifestsTest {

    private static final String BASE = "k8s/base";
    private static final String ACK = "k8s/overlays/ack";
    private static final String SIMULATOR = "k8s/overlays/simulator";

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void namesAreThoseOfTheGuide(String directory) {
        Kustomized all = Kustomized.of(directory);
        JsonNode agent = all.get("DaemonSet", "terway-eniip");
        assertEquals("terway", containers(agent).getFirst().path("name").asText());
        assertEquals("terway", agent.at("/spec/template/metadata/labels/app").asText());
        for (String deployment : List.of("terway-ipam", "terway-eni", "terway-policy")) {
            JsonNode found = all.get("Deployment", deployment);
            assertEquals(2, found.at("/spec/replicas").asInt(), deployment);
            assertTrue(all.has("PodDisruptionBudget", deployment), deployment);
        }
        assertTrue(all.has("ConfigMap", "eni-config"));
    }

    /** People run commands in every pod with this label, in its container terway. */
    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void onlyAgentPodsCarryTheLabelOfAgents(String directory) {
        for (JsonNode workload : Kustomized.of(directory).workloads()) {
            assertEquals(
                    name(workload).equals("terway-eniip"),
                    workload.at("/spec/template/metadata/labels/app").asText().equals("terway"),
                    name(workload));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void everyPartHasAMetricsServiceThatTheServiceMonitorFinds(String directory) {
        Kustomized all = Kustomized.of(directory);
        JsonNode monitor = Kustomized.of("k8s/monitoring").get("ServiceMonitor", "terway-metrics");
        String label = monitor.at("/spec/selector/matchLabels/app").asText();
        String port = monitor.at("/spec/endpoints/0/port").asText();
        for (SourceFacts part : SourceFacts.PARTS) {
            JsonNode workload = workload(all, part);
            String pods = workload.at("/spec/template/metadata/labels/app").asText();
            JsonNode service = all.kind("Service")
                    .filter(s -> s.at("/spec/selector/app").asText().equals(pods))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no metrics Service selects " + pods));
            assertEquals(label, service.at("/metadata/labels/app").asText(), name(service));
            assertEquals(port, service.at("/spec/ports/0/name").asText(), name(service));
            assertEquals(
                    part.properties().getProperty("quarkus.management.port"),
                    service.at("/spec/ports/0/port").asText(),
                    name(service));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void portsAreThoseOfTheParts(String directory) {
        for (SourceFacts part : SourceFacts.PARTS) {
            JsonNode container =
                    containers(workload(Kustomized.of(directory), part)).getFirst();
            Map<String, String> env = environment(container);
            Properties properties = part.properties();
            String grpc = properties.getProperty("quarkus.http.port");
            String management = properties.getProperty("quarkus.management.port");
            assertEquals(grpc, env.get("QUARKUS_HTTP_PORT"), part.workload());
            assertEquals(management, env.get("QUARKUS_MANAGEMENT_PORT"), part.workload());
            assertEquals(management, port(container, "metrics"), part.workload());
            if (env.containsKey("TERWAY_ADVERTISE")) {
                assertEquals("$(HOST_IP):" + grpc, env.get("TERWAY_ADVERTISE"), part.workload());
                assertEquals(grpc, port(container, "grpc"), part.workload());
            }
            for (String probe : List.of("startup/started", "liveness/live", "readiness/ready")) {
                JsonNode get = container.path(probe.split("/")[0] + "Probe").path("httpGet");
                assertEquals("/health/" + probe.split("/")[1], get.path("path").asText(), part.workload());
                assertEquals("metrics", get.path("port").asText(), part.workload());
            }
        }
    }

    /** An unknown one stops the part at its start. */
    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void everyTerwayVariableIsASettingOfItsPart(String directory) {
        for (SourceFacts part : SourceFacts.PARTS) {
            Set<String> given =
                    environment(containers(workload(Kustomized.of(directory), part))
                                    .getFirst())
                            .keySet()
                            .stream()
                            .filter(key -> key.startsWith("TERWAY_"))
                            .collect(Collectors.toCollection(TreeSet::new));
            given.removeAll(part.settings());
            assertEquals(Set.of(), given, part.workload() + " does not know these; it has " + part.settings());
        }
    }

    /** Kubernetes makes TERWAY_METRICS_PORT and the like of a Service named terway-metrics. */
    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void servicesDoNotBecomeSettings(String directory) {
        for (JsonNode workload : Kustomized.of(directory).workloads()) {
            JsonNode links = podSpec(workload).path("enableServiceLinks");
            assertTrue(links.isBoolean() && !links.asBoolean(), name(workload));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void whatPodsReferToExists(String directory) {
        Kustomized all = Kustomized.of(directory);
        for (JsonNode workload : all.workloads()) {
            JsonNode spec = podSpec(workload);
            if (spec.has("serviceAccountName")) {
                assertTrue(
                        all.has(
                                "ServiceAccount",
                                spec.path("serviceAccountName").asText()),
                        name(workload));
            }
            for (JsonNode reference : spec.findValues("configMapKeyRef")) {
                JsonNode map = all.get("ConfigMap", reference.path("name").asText());
                assertTrue(map.path("data").has(reference.path("key").asText()), name(workload) + ": " + reference);
            }
            Set<String> volumes = list(spec.path("volumes")).stream()
                    .map(volume -> volume.path("name").asText())
                    .collect(Collectors.toSet());
            for (JsonNode mount : spec.findValues("volumeMounts").stream()
                    .flatMap(mounts -> list(mounts).stream())
                    .toList()) {
                assertTrue(volumes.contains(mount.path("name").asText()), name(workload) + ": " + mount);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void everyImageNamesItsVersion(String directory) {
        for (JsonNode workload : Kustomized.of(directory).workloads()) {
            for (JsonNode container : containers(workload)) {
                String image = container.path("image").asText();
                assertTrue(image.matches(".+:[0-9]+\\.[0-9]+\\.[0-9]+"), image);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void onlyEniManagerGetsCloudCredentials(String directory) {
        for (JsonNode workload : Kustomized.of(directory).workloads()) {
            assertEquals(
                    name(workload).equals("terway-eni"),
                    podSpec(workload).toString().contains("terway-credentials"),
                    name(workload));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void noPodIsPrivilegedOrWritesItsImage(String directory) {
        for (JsonNode workload : Kustomized.of(directory).workloads()) {
            for (JsonNode container : containers(workload)) {
                JsonNode security = container.path("securityContext");
                assertFalse(security.path("privileged").asBoolean(), name(workload));
                assertTrue(security.path("readOnlyRootFilesystem").asBoolean(), name(workload));
                assertEquals("ALL", security.at("/capabilities/drop/0").asText(), name(workload));
                boolean agent = name(workload).equals("terway-eniip");
                assertEquals(agent, security.path("capabilities").has("add"), name(workload));
                assertEquals(
                        !agent,
                        podSpec(workload).at("/securityContext/runAsNonRoot").asBoolean(),
                        name(workload));
            }
        }
    }

    /** A file 10-terway.conf on the node would sort before the list and drop the chain. */
    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void theAgentReachesTheNodesDirectories(String directory) {
        JsonNode agent = Kustomized.of(directory).get("DaemonSet", "terway-eniip");
        Map<String, String> paths = new TreeMap<>();
        for (JsonNode volume : list(podSpec(agent).path("volumes"))) {
            paths.put(volume.path("name").asText(), volume.at("/hostPath/path").asText());
        }
        Map<String, String> mounts = new TreeMap<>();
        for (JsonNode mount : list(containers(agent).getFirst().path("volumeMounts"))) {
            mounts.put(
                    mount.path("mountPath").asText(),
                    paths.get(mount.path("name").asText()));
            if (mount.path("mountPath").asText().equals("/var/run/netns")) {
                assertEquals("HostToContainer", mount.path("mountPropagation").asText());
            }
        }
        Map<String, String> env = environment(containers(agent).getFirst());
        assertAll(
                () -> assertEquals("/var/lib/terway", mounts.get(env.get("TERWAY_STATE_DIR"))),
                () -> assertEquals("/var/run/terway", mounts.get(env.get("TERWAY_RUN_DIR"))),
                () -> assertEquals("/opt/cni/bin", mounts.get(env.get("TERWAY_CNI_BIN_DIR"))),
                () -> assertEquals("/etc/cni/net.d", mounts.get(env.get("TERWAY_CNI_CONF_DIR"))),
                () -> assertEquals("/var/run/netns", mounts.get("/var/run/netns")),
                () -> assertTrue(podSpec(agent).path("hostNetwork").asBoolean()),
                () -> assertTrue(podSpec(agent).path("hostPID").asBoolean()));
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, ACK, SIMULATOR})
    void eniConfigIsJson(String directory) throws JsonProcessingException {
        JsonNode data = Kustomized.of(directory).get("ConfigMap", "eni-config").path("data");
        JsonNode conf = new ObjectMapper().readTree(data.path("eni_conf").asText());
        assertEquals("1", conf.path("version").asText());
        assertTrue(
                conf.path("min_pool_size").asInt() <= conf.path("max_pool_size").asInt());
        assertFalse(conf.has("access_key"), "credentials belong into the secret terway-credentials");
        JsonNode cni = new ObjectMapper().readTree(data.path("10-terway.conf").asText());
        assertEquals("terway", cni.path("type").asText());
    }

    private static JsonNode workload(Kustomized all, SourceFacts part) {
        return all.get(part.workload().equals("terway-eniip") ? "DaemonSet" : "Deployment", part.workload());
    }

    /** Names and values; the value is empty where it comes from elsewhere. Checks that $(NAME) was set before. */
    private static Map<String, String> environment(JsonNode container) {
        Map<String, String> env = new TreeMap<>();
        for (JsonNode entry : list(container.path("env"))) {
            String value = entry.path("value").asText();
            assertTrue(!value.contains("$(HOST_IP)") || env.containsKey("HOST_IP"), "HOST_IP is used before it is set");
            env.put(entry.path("name").asText(), value);
        }
        return env;
    }

    private static String port(JsonNode container, String name) {
        return list(container.path("ports")).stream()
                .filter(port -> port.path("name").asText().equals(name))
                .map(port -> port.path("containerPort").asText())
                .findFirst()
                .orElse("none named " + name);
    }
}
