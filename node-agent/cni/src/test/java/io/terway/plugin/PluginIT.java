package io.terway.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Executes the real plugin as a runtime does. */
class PluginIT {

    private static final String CONFIG = "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"type\":\"terway\"}";
    private static final int FRAME_LIMIT = 1 << 20;
    private static final int SPOOL_LIMIT = 1000;

    /** What the plugin printed and how it ended. */
    private record Outcome(int exit, String output) {}

    @TempDir
    Path dir;

    private Outcome execute(String command, String stdin, Map<String, String> more) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Path.of("target", "terway").toString());
        builder.environment().clear();
        if (command != null) {
            builder.environment()
                    .putAll(Map.of(
                            "CNI_COMMAND",
                            command,
                            "CNI_CONTAINERID",
                            "c0ffee",
                            "CNI_NETNS",
                            "/run/netns/a",
                            "CNI_IFNAME",
                            "eth0"));
        }
        builder.environment().put("TERWAY_CNI_SOCKET", socket().toString());
        builder.environment().put("TERWAY_CNI_SPOOL", spool().toString());
        builder.environment().put("TERWAY_CNI_DEADLINE_MS", "10000");
        builder.environment().putAll(more);
        builder.redirectOutput(dir.resolve("output").toFile());
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(stdin.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException pluginStoppedReading) {
            // an oversized configuration is refused before its end
        }
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "the plugin did not end");
        return new Outcome(process.exitValue(), Files.readString(dir.resolve("output")));
    }

    private Path socket() {
        return dir.resolve("cni.sock");
    }

    private Path spool() {
        return dir.resolve("spool");
    }

    private List<Path> spooled() throws IOException {
        try (Stream<Path> files = Files.list(spool())) {
            return files.toList();
        }
    }

    @Test
    void passesRequestAndAnswerThrough() throws Exception {
        try (FakeAgent agent = new FakeAgent(socket(), FakeAgent.Manner.ANSWER, 7, "{\"ips\":[]}")) {
            Outcome outcome = execute("ADD", CONFIG, Map.of("CNI_ARGS", "K8S_POD_NAME=a"));
            assertEquals(new Outcome(7, "{\"ips\":[]}"), outcome);
            String request = agent.requests.take();
            assertTrue(
                    request.matches("(?s)TERWAY/1 [0-9]+\nCNI_COMMAND=ADD\0CNI_CONTAINERID=c0ffee\0"
                            + "CNI_NETNS=/run/netns/a\0CNI_IFNAME=eth0\0CNI_ARGS=K8S_POD_NAME=a\0\0\\Q" + CONFIG
                            + "\\E"),
                    request);
        }
    }

    @Test
    void passesBinaryConfigurationVerbatim() throws Exception {
        String odd = "\0\u0001\u00ff{\n\r\"";
        try (FakeAgent agent = new FakeAgent(socket(), FakeAgent.Manner.ANSWER, 0, "")) {
            Outcome outcome = execute("CHECK", odd, Map.of());
            assertEquals(new Outcome(0, ""), outcome);
            assertTrue(agent.requests.take().endsWith("\0\0" + odd));
        }
    }

    @Test
    void passesLargeAnswers() throws Exception {
        String large = "x".repeat(900_000);
        try (FakeAgent agent = new FakeAgent(socket(), FakeAgent.Manner.ANSWER, 0, large)) {
            Outcome outcome = execute("ADD", CONFIG, Map.of());
            assertEquals(large.length(), outcome.output().length());
            assertEquals(1, agent.requests.size());
        }
    }

    @Test
    void answersVersionWithoutAgent() throws Exception {
        Outcome outcome = execute("VERSION", "", Map.of());
        assertEquals(0, outcome.exit());
        assertTrue(
                outcome.output().contains("\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]"));
    }

    @Test
    void answersStatusWithCode50WithoutAgent() throws Exception {
        Outcome outcome = execute("STATUS", CONFIG, Map.of());
        assertEquals(1, outcome.exit());
        assertTrue(outcome.output().contains("\"code\":50"), outcome.output());
    }

    @Test
    void namesTheMissingCommand() throws Exception {
        Outcome outcome = execute(null, CONFIG, Map.of());
        assertEquals(1, outcome.exit());
        assertTrue(outcome.output().contains("\"code\":4,\"msg\":\"CNI_COMMAND is not set"), outcome.output());
    }

    @Test
    void refusesConfigurationAboveTheFrameLimit() throws Exception {
        Outcome outcome = execute("ADD", " ".repeat(FRAME_LIMIT), Map.of());
        assertEquals(1, outcome.exit());
        assertTrue(outcome.output().contains("\"code\":7,"), outcome.output());
        assertTrue(outcome.output().contains("exceed " + FRAME_LIMIT + " bytes"), outcome.output());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ADD", "CHECK", "GC", "NONSENSE"})
    void saysTryAgainAndWhereToLookWithoutAgent(String command) throws Exception {
        Outcome outcome = execute(command, CONFIG, Map.of());
        assertEquals(1, outcome.exit());
        assertTrue(outcome.output().contains("\"code\":11,"), outcome.output());
        assertTrue(outcome.output().contains("kubectl -n kube-system get pods -l app=terway"), outcome.output());
    }

    @ParameterizedTest
    @EnumSource(names = {"HANG", "CLOSE", "IMPOSSIBLE_LENGTH"})
    void saysTryAgainWhenAgentDoesNotAnswer(FakeAgent.Manner manner) throws Exception {
        try (FakeAgent agent = new FakeAgent(socket(), manner, 0, "")) {
            Outcome outcome = execute("ADD", CONFIG, Map.of("TERWAY_CNI_DEADLINE_MS", "300"));
            assertEquals(1, outcome.exit());
            assertTrue(outcome.output().contains("\"code\":11,"), outcome.output());
            assertEquals(1, agent.requests.size());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HANG", "CLOSE"})
    void parksDelWhenAgentDoesNotAnswer(FakeAgent.Manner manner) throws Exception {
        try (FakeAgent agent = new FakeAgent(socket(), manner, 0, "")) {
            Outcome outcome = execute("DEL", CONFIG, Map.of("TERWAY_CNI_DEADLINE_MS", "300"));
            assertEquals(new Outcome(0, ""), outcome);
            String parked = Files.readString(spooled().getFirst(), StandardCharsets.ISO_8859_1);
            assertEquals(agent.requests.take(), parked);
        }
    }

    @Test
    void parksEveryDelOnceWithoutAgent() throws Exception {
        assertEquals(new Outcome(0, ""), execute("DEL", CONFIG, Map.of()));
        assertEquals(new Outcome(0, ""), execute("DEL", CONFIG, Map.of()));
        assertEquals(2, spooled().size());
        assertTrue(spooled().stream().noneMatch(f -> f.getFileName().toString().startsWith(".")));
    }

    @Test
    void refusesDelWhenSpoolIsFull() throws Exception {
        Files.createDirectories(spool());
        for (int i = 0; i < SPOOL_LIMIT; i++) {
            Files.createFile(spool().resolve(i + ".del"));
        }
        Outcome outcome = execute("DEL", CONFIG, Map.of());
        assertEquals(1, outcome.exit());
        assertTrue(outcome.output().contains("\"code\":11,"), outcome.output());
        assertTrue(outcome.output().contains("already holds 1000 parked DELs"), outcome.output());
        assertEquals(SPOOL_LIMIT, spooled().size());
    }

    @Test
    void refusesDelWhenSpoolCannotBeWritten() throws Exception {
        Files.writeString(spool(), "a file where the directory should be");
        Outcome outcome = execute("DEL", CONFIG, Map.of());
        assertEquals(1, outcome.exit());
        assertTrue(outcome.output().contains("\"code\":11,"), outcome.output());
        assertFalse(Files.isDirectory(spool()));
    }

    @Test
    void escapesTheSocketPathInItsError() throws Exception {
        Outcome outcome = execute("ADD", CONFIG, Map.of("TERWAY_CNI_SOCKET", dir + "/\"odd\\\n"));
        assertTrue(outcome.output().contains("\\\"odd\\\\ "), outcome.output());
    }

    @Test
    void refusesSocketPathsTheKernelCannotHold() throws Exception {
        Outcome outcome = execute("ADD", CONFIG, Map.of("TERWAY_CNI_SOCKET", "/" + "x".repeat(200)));
        assertTrue(outcome.output().contains("the socket's path is too long"), outcome.output());
    }
}
