package io.terway.lab.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.terway.lab.Shell;
import io.terway.lab.api.ApiOptions;
import io.terway.lab.api.EmbeddedApi;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The lab as its users start it, with the built product; several minutes, so not part of `verify`:
 * {@code ./mvnw -q test -pl k8s/lab -Dtest=LabE2E} after a build.
 */
class LabE2E {
    private static final String LAB = new File("lab").getAbsolutePath();

    @TempDir
    Path scratch;

    private final List<Path> states = new ArrayList<>();

    @AfterEach
    void endLabs() {
        states.stream().filter(Files::exists).forEach(state -> lab(state, "down"));
    }

    @Test
    void anApiServerBehindTlsServesALabAndGetsItsNodesBack() throws IOException, GeneralSecurityException {
        Path state = state("tls");
        try (EmbeddedApi api = EmbeddedApi.start(ApiOptions.of("127.0.0.1", 0, scratch.resolve("objects")));
                TlsFront front = TlsFront.before(api.port(), scratch);
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(
                                Files.readString(front.kubeconfig(scratch.resolve("kubeconfig")))))
                        .build()) {
            String kubeconfig = scratch.resolve("kubeconfig").toString();

            ok(lab(state, "up", "--kubeconfig", kubeconfig));
            ok(lab(state, "pod", "add", "default/web", "--node", "node-1"));

            assertEquals(2, client.nodes().list().getItems().size());
            assertFalse(client.pods()
                    .inNamespace("default")
                    .withName("web")
                    .get()
                    .getStatus()
                    .getPodIP()
                    .isEmpty());
            ok(lab(state, "down"));
            assertEquals(0, client.nodes().list().getItems().size());
            assertEquals(
                    0, client.pods().inNamespace("default").list().getItems().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "KILL"})
    void anInterruptedDemoLeavesNothing(String signal) throws IOException, InterruptedException {
        Path state = state("demo");
        Process demo = new ProcessBuilder("env", "TERWAY_LAB_BUILD=skip", LAB, "demo", "--state", state.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out = demo.inputReader()) {
            for (String line = out.readLine(); line != null && !line.contains("add default/"); line = out.readLine()) {
                assertFalse(line.contains("FAILED"), line);
            }
            Shell.need(List.of("kill", "-" + signal, Long.toString(demo.pid())), "");
            // Its output ends when the last process that holds it does.
            while (out.readLine() != null) {}
        }
        assertTrue(demo.waitFor(60, TimeUnit.SECONDS));
        awaitGone(state);

        assertEquals(List.of(), processesOf(state));
        assertFalse(Files.exists(Path.of("/run/netns/vpc")));
    }

    @Test
    void twoLabsRunSideBySide() {
        Path one = state("one");
        Path two = state("two");

        ok(lab(one, "up", "--nodes", "1"));
        ok(lab(two, "up", "--nodes", "1"));
        ok(lab(one, "pod", "add", "default/web", "--node", "node-1"));
        ok(lab(two, "pod", "add", "default/web", "--node", "node-1"));
        ok(lab(one, "down"));

        ok(lab(two, "pod", "check", "default/web"));
        ok(lab(two, "down"));
    }

    @Test
    void aUserWithoutRightsRunsTheDemo() {
        Assumptions.assumeTrue(
                System.getProperty("user.name").equals("root"), "root turns into a user without rights here");
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=61234",
                "--regid=61234",
                "--clear-groups",
                "--inh-caps=-all",
                "env",
                "-u",
                "XDG_RUNTIME_DIR",
                "HOME=/nonexistent",
                "TERWAY_LAB_BUILD=skip",
                LAB,
                "demo",
                "--json"));

        Shell.Outcome outcome = patiently(command);

        ok(outcome);
        assertTrue(outcome.out().contains("\"passed\" : true") || outcome.out().contains("\"passed\":true"));
    }

    private Path state(String name) {
        Path state = Path.of("/tmp", "lab-e2e-" + ProcessHandle.current().pid() + "-" + name);
        states.add(state);
        return state;
    }

    private static Shell.Outcome lab(Path state, String... words) {
        List<String> command = new ArrayList<>(List.of("env", "TERWAY_LAB_BUILD=skip", LAB));
        command.addAll(List.of(words));
        command.addAll(List.of("--state", state.toString()));
        return patiently(command);
    }

    /** Without Shell's time limit: a whole lab starts in here. */
    private static Shell.Outcome patiently(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
                String text = String.join("\n", out.lines().toList());
                return new Shell.Outcome(process.waitFor(), text, "");
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void ok(Shell.Outcome outcome) {
        assertTrue(outcome.ok(), outcome::out);
    }

    private static void awaitGone(Path state) throws InterruptedException {
        for (int i = 0; i < 300 && Files.exists(state); i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertFalse(Files.exists(state), () -> state + " is still there");
    }

    private static List<String> processesOf(Path state) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            for (Path process : entries.filter(
                            entry -> entry.getFileName().toString().matches("\\d+"))
                    .toList()) {
                try {
                    String line = Files.readString(process.resolve("cmdline")).replace('\0', ' ');
                    if (line.contains(state.toString())) {
                        found.add(line);
                    }
                } catch (IOException gone) {
                    // It ended while we looked.
                }
            }
        }
        return found;
    }
}
