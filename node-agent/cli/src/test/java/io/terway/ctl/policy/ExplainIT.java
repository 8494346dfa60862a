package io.terway.ctl.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live cluster, through a kubeconfig. */
class ExplainIT {

    @TempDir
    Path directory;

    @Test
    void asksTheClusterAndSaysWhereRulesSit() throws IOException {
        var server = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
        server.init();
        try (KubernetesClient client = server.createClient()) {
            String objects = """
                    ---
                    {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: a}, spec: {nodeName: n1, containers: []}, status: {phase: Running, podIPs: [{ip: 10.0.1.1}]}}
                    ---
                    {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: a, labels: {app: db}}, spec: {nodeName: n1, containers: []}, status: {phase: Running, podIPs: [{ip: 10.0.1.2}]}}
                    ---
                    {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: a}, spec: {podSelector: {matchLabels: {app: db}}}}
                    """;
            client.load(new ByteArrayInputStream(objects.getBytes(StandardCharsets.UTF_8)))
                    .create();

            PolicyCommandIT.Outcome denied = explain(server.url("/"), "a/web", "a/db");
            PolicyCommandIT.Outcome allowed = explain(server.url("/"), "a/db", "a/web");

            assertEquals(1, denied.exit(), denied.err());
            assertTrue(
                    denied.out().contains("receiving: denied, a/db restricts the pod and no rule allows this"),
                    denied.out());
            assertTrue(denied.out().contains("table inet terway of their node"), denied.out());
            assertEquals(0, allowed.exit(), allowed.err());
        } finally {
            server.destroy();
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsOneLine() throws IOException {
        PolicyCommandIT.Outcome outcome = explain("http://127.0.0.1:1", "a/web", "a/db");

        assertEquals(2, outcome.exit());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().contains("the API server http://127.0.0.1:1"), outcome.err());
    }

    private PolicyCommandIT.Outcome explain(String url, String from, String to) throws IOException {
        Path config = Files.writeString(directory.resolve("config"), """
                apiVersion: v1
                kind: Config
                current-context: c
                clusters: [{name: c, cluster: {server: "%s"}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                users: [{name: u, user: {token: t}}]
                """.formatted(url));
        return PolicyCommandIT.execute(
                "policy", "explain", "--from", from, "--to", to, "--port", "80", "--kubeconfig", config.toString());
    }
}
