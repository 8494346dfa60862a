package io.terway.lab.manifests;

import static io.terway.lab.manifests.Kustomized.list;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts and dashboard: about metrics that exist, firing when they should, with a page that says what to do. */
class AlertsTest {

    private static final Path MONITORING = Kustomized.ROOT.resolve("k8s/monitoring");
    private static final Pattern NAME = Pattern.compile("\\b(?:terway|kube)_[a-z_]+\\b");

    /** From kube-state-metrics, which most clusters have. */
    private static final Set<String> FOREIGN = Set.of("kube_pod_status_ready");

    @TempDir
    Path directory;

    @Test
    void everyAlertHasAPage() {
        for (JsonNode rule : rules("prometheusrule.yaml")) {
            String alert = rule.path("alert").asText();
            String page = rule.at("/annotations/runbook").asText();
            assertEquals("k8s/runbooks/" + alert + ".md", page);
            assertTrue(Files.isReadable(Kustomized.ROOT.resolve(page)), page + " is missing");
        }
    }

    @Test
    void everyPageHasAnAlert() throws IOException {
        Set<String> alerts = rules("prometheusrule.yaml").stream()
                .map(rule -> rule.path("alert").asText() + ".md")
                .collect(Collectors.toCollection(TreeSet::new));
        alerts.add("README.md");
        try (Stream<Path> pages = Files.list(Kustomized.ROOT.resolve("k8s/runbooks"))) {
            assertEquals(
                    alerts,
                    pages.map(page -> page.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @Test
    void correctedAlertsKeepTheGuidesNames() {
        assertEquals(names("guide-originals/prometheusrule.yaml"), names("prometheusrule.yaml"));
    }

    @Test
    void alertsAndDashboardReadMetricsThatTheCodeGives() throws IOException {
        Set<String> given = SourceFacts.PARTS.stream()
                .flatMap(part -> part.metrics().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        String dashboard = Files.readString(MONITORING.resolve("dashboard.json"));
        String read = rules("prometheusrule.yaml").stream()
                        .map(rule -> rule.path("expr").asText())
                        .collect(Collectors.joining("\n"))
                + dashboard.lines().filter(line -> line.contains("\"expr\"")).collect(Collectors.joining("\n"));
        Set<String> missing = NAME.matcher(read)
                .results()
                .map(found -> found.group().replaceAll("_bucket$", ""))
                .filter(name -> !FOREIGN.contains(name)
                        && !given.contains(name)
                        && !given.contains(name.replaceAll("_total$", "")))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), missing, "the code gives " + given);
    }

    @Test
    void theDashboardHasTheGuidesPanels() throws IOException {
        JsonNode ours =
                new ObjectMapper().readTree(MONITORING.resolve("dashboard.json").toFile());
        JsonNode guide = new ObjectMapper()
                .readTree(MONITORING.resolve("guide-originals/dashboard.json").toFile())
                .path("dashboard");
        assertEquals(guide.path("title"), ours.path("title"));
        assertEquals(guide.findValuesAsText("title"), ours.findValuesAsText("title"));
    }

    @Test
    void theOriginalsAreOff() {
        assertFalse(Kustomized.of("k8s/monitoring").text().contains("rate(terway_ip_pool_allocated"));
        assertEquals(1, Kustomized.of("k8s/monitoring").kind("PrometheusRule").count());
    }

    @Test
    void alertsFireAndEndAsTheirTestsSay() throws IOException {
        Command.Result result = promtool("prometheusrule.yaml");
        assertEquals(0, result.code(), result.output() + result.error());
    }

    /** Otherwise the tests would say nothing. */
    @Test
    void theOriginalsFailTheSameTests() throws IOException {
        Command.Result result = promtool("guide-originals/prometheusrule.yaml");
        assertNotEquals(0, result.code());
        Command.Result check = Command.run(directory, List.of("promtool", "check", "rules", "rules.yaml"));
        assertEquals(0, check.code(), "the originals are at least valid: " + check.error());
    }

    private Command.Result promtool(String file) throws IOException {
        Command.requirePackage("promtool", "prometheus");
        JsonNode spec =
                new YAMLMapper().readTree(MONITORING.resolve(file).toFile()).path("spec");
        new YAMLMapper().writeValue(directory.resolve("rules.yaml").toFile(), spec);
        Files.copy(MONITORING.resolve("alerts-test.yaml"), directory.resolve("alerts-test.yaml"));
        return Command.run(directory, List.of("promtool", "test", "rules", "alerts-test.yaml"));
    }

    private static Set<String> names(String file) {
        return rules(file).stream()
                .map(rule -> rule.path("alert").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<JsonNode> rules(String file) {
        try {
            return list(Kustomized.documents(Files.readString(MONITORING.resolve(file)))
                    .getFirst()
                    .at("/spec/groups/0/rules"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
