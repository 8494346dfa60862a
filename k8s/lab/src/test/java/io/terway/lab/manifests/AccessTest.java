package io.terway.lab.manifests;

import static io.terway.lab.manifests.Kustomized.list;
import static io.terway.lab.manifests.Kustomized.name;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each part may do in Kubernetes what its code does, and nothing else. */
class AccessTest {

    /** By service account: every verb it has, as resource[=name]: verbs. */
    static final List<Grant> GRANTS = List.of(
            new Grant("terway", "terway-eniip", """
                    events: create patch
                    leases: get list watch
                    nodes: get
                    pods: get
                    """),
            new Grant("terway-ipam", "terway-ipam", """
                    configmaps: get
                    configmaps=eni-config: get list watch
                    events: create patch
                    leases: create
                    leases=terway-eni: get
                    leases=terway-ipam: get update
                    namespaces: get list watch
                    nodenetinfos/status: patch update
                    nodenetinfos: create delete get list patch update watch
                    nodes/status: patch
                    nodes: get list patch watch
                    podnetinfos/status: patch update
                    podnetinfos: create delete get list patch update watch
                    pods: get list watch
                    statefulsets: get list watch
                    tokenreviews: create
                    """),
            new Grant("terway-eni", "terway-eni", """
                    configmaps: create
                    configmaps=eni-config: get list watch
                    configmaps=terway-eni-state: get update
                    events: create
                    leases: create
                    leases=terway-eni: get update
                    tokenreviews: create
                    """),
            new Grant("terway-policy", "terway-policy", """
                    ciliumnetworkpolicies: get list watch
                    clusternetworkpolicies: get list watch
                    events: create patch
                    leases: create delete get update
                    namespaces: get list watch
                    networkpolicies: get list watch
                    nodes: get list watch
                    pods: get list watch
                    tokenreviews: create
                    """));

    /** The client's methods that lead to a resource. */
    private static final Map<String, String> RESOURCES = Map.of(
            "pods", "pods",
            "nodes", "nodes",
            "namespaces", "namespaces",
            "configMaps", "configmaps",
            "events", "events",
            "leases", "leases",
            "networkPolicies", "networkpolicies",
            "secrets", "secrets",
            "services", "services",
            "statefulSets", "statefulsets");

    /** @param account its service account in kube-system */
    record Grant(String account, String workload, String verbs) {
        @Override
        public String toString() {
            return account;
        }
    }

    @ParameterizedTest
    @FieldSource("GRANTS")
    void eachAccountHasItsVerbsAndNoOthers(Grant grant) {
        assertEquals(grant.verbs(), granted(grant.account()));
    }

    @ParameterizedTest
    @FieldSource("GRANTS")
    void everyResourceTheCodeAsksForIsGranted(Grant grant) {
        SourceFacts part = SourceFacts.PARTS.stream()
                .filter(candidate -> candidate.workload().equals(grant.workload()))
                .findFirst()
                .orElseThrow();
        Set<String> asked = new TreeSet<>();
        part.calls().stream().filter(RESOURCES::containsKey).map(RESOURCES::get).forEach(asked::add);
        for (String resource : asked) {
            assertTrue(
                    grant.verbs().lines().anyMatch(line -> line.matches(resource + "(=[^:]+)?:.*")),
                    part.folder() + " asks for " + resource + ", which " + grant.account() + " may not touch");
        }
    }

    @Test
    void noRoleSaysEverything() {
        Kustomized base = Kustomized.of("k8s/base");
        for (String kind : List.of("Role", "ClusterRole")) {
            base.kind(kind)
                    .forEach(role -> assertTrue(!role.path("rules").toString().contains("\"*\""), name(role)));
        }
    }

    private static String granted(String account) {
        Kustomized base = Kustomized.of("k8s/base");
        Set<String> lines = new TreeSet<>();
        for (String kind : List.of("Role", "ClusterRole")) {
            base.kind(kind + "Binding")
                    .filter(binding -> binding.at("/subjects/0/name").asText().equals(account))
                    .map(binding -> base.get(kind, binding.at("/roleRef/name").asText()))
                    .flatMap(role -> list(role.path("rules")).stream())
                    .forEach(rule -> lines.addAll(lines(rule)));
        }
        return String.join("\n", lines) + "\n";
    }

    private static Set<String> lines(JsonNode rule) {
        Set<String> verbs = new TreeSet<>();
        list(rule.path("verbs")).forEach(verb -> verbs.add(verb.asText()));
        Set<String> lines = new TreeSet<>();
        for (JsonNode resource : list(rule.path("resources"))) {
            String named = rule.has("resourceNames")
                    ? "=" + rule.at("/resourceNames/0").asText()
                    : "";
            lines.add(resource.asText() + named + ": " + String.join(" ", verbs));
        }
        return lines;
    }
}
