package io.terway.lab.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process. */
class ApiMainIT {

    @TempDir
    Path directory;

    private Process begin(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                ApiMain.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private Process serve() throws IOException {
        return begin(
                "--listen",
                "127.0.0.1:0",
                "--state",
                directory.resolve("state").toString(),
                "--kubeconfig-out",
                directory.resolve("kubeconfig").toString());
    }

    private KubernetesClient client(Process server) throws IOException {
        BufferedReader lines = server.inputReader();
        String line = lines.readLine();
        assertTrue(line.startsWith("api: answers at http://127.0.0.1:"), line);
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(Files.readString(directory.resolve("kubeconfig"))))
                .build();
    }

    @Test
    void aKilledServerLosesNothingItAcknowledged() throws Exception {
        Process first = serve();
        String version;
        try (KubernetesClient client = client(first)) {
            for (int i = 0; i < 20; i++) {
                client.pods().resource(ApiFixture.pod("p" + i)).create();
            }
            version = client.pods().list().getMetadata().getResourceVersion();
        } finally {
            first.destroyForcibly().waitFor();
        }

        Process second = serve();
        try (KubernetesClient client = client(second)) {
            assertEquals(20, client.pods().list().getItems().size());
            assertEquals(version, client.pods().list().getMetadata().getResourceVersion());
        } finally {
            second.destroy();
            assertTrue(second.waitFor(10, TimeUnit.SECONDS), "the server did not end when asked to");
        }
    }

    @Test
    void wrongArgumentsAreNamed() throws Exception {
        Process process = begin("--listen", "nowhere", "--state", "x");

        assertEquals(2, process.waitFor());
        assertTrue(process.inputReader().readLine().contains("--listen is HOST:PORT, not 'nowhere'"));
    }

    @Test
    void anAddressThatCannotBeListenedOnIsNamed() throws Exception {
        Process process = begin(
                "--listen",
                "192.0.2.1:6443",
                "--state",
                directory.resolve("state").toString());

        assertEquals(1, process.waitFor());
        assertTrue(process.inputReader().readLine().startsWith("api: cannot start at 192.0.2.1:6443: "));
    }
}
