package io.terway.lab.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person does, with the real kubectl. */
class KubectlIT {

    private static final Path KUBECTL = Path.of("/usr/bin/kubectl");

    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: web}}
            spec:
              nodeName: n1
              containers:
              - {name: c, image: nginx, ports: [{containerPort: 80}]}
            """;

    private static final String WIDGET = """
            apiVersion: lab.terway.io/v1
            kind: Widget
            metadata: {name: one}
            spec: {size: 3}
            """;

    @TempDir
    Path directory;

    private EmbeddedApi api;

    @BeforeEach
    void start() throws IOException {
        if (!Files.isExecutable(KUBECTL)) {
            Assumptions.abort("package: needs kubectl");
        }
        api = EmbeddedApi.start(ApiOptions.of("127.0.0.1", 0, directory.resolve("state")));
        api.writeKubeconfig(directory.resolve("kubeconfig"));
    }

    @AfterEach
    void stop() throws IOException {
        if (api != null) {
            api.close();
        }
    }

    private record Run(int exit, String output) {}

    private Process begin(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(KUBECTL.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", directory.resolve("kubeconfig").toString());
        builder.environment().put("HOME", directory.toString());
        return builder.start();
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        Process process = begin(arguments);
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "kubectl did not end");
        return new Run(process.exitValue(), output);
    }

    private String ok(String... arguments) throws IOException, InterruptedException {
        Run run = run(arguments);
        assertEquals(0, run.exit(), String.join(" ", arguments) + ": " + run.output());
        return run.output();
    }

    private String apply(String manifest) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("manifest.yaml"), manifest);
        return ok("apply", "-f", file.toString());
    }

    /** The cells of the last line. */
    private static List<String> cells(String output) {
        return List.of(output.lines().toList().getLast().strip().split(" {2,}"));
    }

    @Test
    void applyCreatesThenLeavesUnchangedThenConfigures() throws Exception {
        String created = apply(POD);
        String unchanged = apply(POD);
        String configured = apply(POD.replace("image: nginx", "image: 'nginx:2'"));

        assertEquals("pod/web created", created.strip());
        assertEquals("pod/web unchanged", unchanged.strip());
        assertEquals("pod/web configured", configured.strip());
        assertEquals("nginx:2", ok("get", "pod", "web", "-o", "jsonpath={.spec.containers[0].image}"));
    }

    @Test
    void getPrintsTheColumnsOfEachKind() throws Exception {
        apply(POD);

        List<String> narrow = cells(ok("get", "pods"));
        List<String> wide = cells(ok("get", "pods", "-o", "wide"));

        assertEquals(List.of("web", "0/1", "Pending", "0"), narrow.subList(0, 4));
        assertEquals(List.of("<none>", "n1"), wide.subList(5, 7));
        assertTrue(ok("get", "namespaces").contains("kube-system"));
    }

    @Test
    void customResourcesPrintTheirColumns() throws Exception {
        apply(ClientIT.WIDGETS);
        apply(WIDGET);
        ok(
                "patch",
                "wd",
                "one",
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");

        String table = ok("get", "widgets");

        assertTrue(table.startsWith("NAME   SIZE   READY   AGE"), table);
        assertEquals(List.of("one", "3", "True"), cells(table).subList(0, 3));
        assertTrue(ok("describe", "widget", "one").contains("Color:  red"));
    }

    @Test
    void describeLabelAnnotateAndPatchWork() throws Exception {
        apply(POD);

        ok("label", "pod", "web", "tier=front");
        ok("annotate", "pod", "web", "note=x");
        ok("patch", "pod", "web", "-p", "{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"nginx:3\"}]}}");
        ok("patch", "pod", "web", "--type=json", "-p", "[{\"op\":\"remove\",\"path\":\"/metadata/labels/app\"}]");

        String described = ok("describe", "pod", "web");
        assertTrue(described.contains("tier=front") && !described.contains("app=web"), described);
        assertTrue(described.contains("nginx:3") && described.contains("note: x"), described);
    }

    @Test
    void deleteWaitsAndTheObjectIsGone() throws Exception {
        apply(POD);

        ok("delete", "pod", "web");

        Run get = run("get", "pod", "web");
        assertEquals(1, get.exit());
        assertTrue(get.output().contains("(NotFound)"), get.output());
    }

    @Test
    void watchPrintsEachChange() throws Exception {
        apply(ClientIT.WIDGETS);
        apply(WIDGET);
        Process watch = begin("get", "widgets", "-w");
        try (var lines = watch.inputReader()) {
            String header = lines.readLine();
            String first = lines.readLine();

            ok("patch", "wd", "one", "--type=merge", "-p", "{\"spec\":{\"size\":8}}");

            assertTrue(header.startsWith("NAME"), header);
            assertEquals("3", cells(first).get(1));
            assertEquals("8", cells(lines.readLine()).get(1));
        } finally {
            watch.destroy();
            watch.waitFor();
        }
    }

    @Test
    void createMakesWhatItIsAsked() throws Exception {
        ok("create", "namespace", "foo");
        ok("-n", "foo", "create", "configmap", "eni-config", "--from-literal=a=b");

        assertEquals("b", ok("-n", "foo", "get", "cm", "eni-config", "-o", "jsonpath={.data.a}"));
        ok("-n", "foo", "create", "secret", "generic", "s", "--from-literal=a=b");
        ok("-n", "foo", "create", "deployment", "d", "--image=nginx", "--replicas=2");
        ok("-n", "foo", "scale", "deployment", "d", "--replicas=3");
        assertEquals("Yg==", ok("-n", "foo", "get", "secret", "s", "-o", "jsonpath={.data.a}"));
        assertEquals("3", ok("-n", "foo", "get", "deployment", "d", "-o", "jsonpath={.spec.replicas}"));
        assertEquals(3, ok("-n", "foo", "create", "token", "default").split("\\.").length);
        ok("delete", "namespace", "foo");
    }

    @Test
    void aWrongManifestIsExplained() throws Exception {
        Path file = Files.writeString(directory.resolve("bad.yaml"), POD.replace("name: web,", "name: WEB_,"));

        Run apply = run("apply", "-f", file.toString());

        assertEquals(1, apply.exit());
        assertTrue(apply.output().contains("metadata.name: Invalid value: \"WEB_\""), apply.output());
    }
}
