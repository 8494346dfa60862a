package io.terway.agent;

import static io.terway.agent.PluginProcess.config;
import static io.terway.agent.PluginProcess.environment;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.agent.IpamModel.Stock;
import io.terway.agent.PluginProcess.Outcome;
import io.terway.agent.socket.CniSocket;
import io.terway.cni.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of CNI calls, each by the real plugin binary against an agent; the kernel and ipam-service are models. */
@Timeout(300)
class CniContract {

    private static final List<String> VERSIONS = List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

    @TempDir
    Path directory;

    private final KernelModel kernel = new KernelModel();
    private IpamModel ipam;
    private TestNode node;
    private CniSocket socket;
    private PluginProcess plugin;

    private void serve(String mode) throws IOException {
        Stock stock = Stocks.of(mode);
        Stocks.plugged(stock).forEach(kernel::plug);
        ipam = new IpamModel();
        ipam.serve(mode, stock);
        node = new TestNode(directory, kernel, ipam.port());
        OneAgent.await("offers", () -> node.ledger.read(s -> s.offered().size()) == 8);
        Path path = directory.resolve("cni.sock");
        socket = CniSocket.listen(path, node.calls.server()::handle);
        plugin = new PluginProcess(directory, path);
    }

    @AfterEach
    void stop() throws IOException {
        if (socket != null) {
            socket.close();
            node.close();
            ipam.close();
        }
    }

    private Outcome call(String verb, String container, String stdin) {
        return plugin.run(environment(verb, container, node.netns(container)), stdin);
    }

    private void know(String pod) {
        ipam.push(pod);
        OneAgent.await("pod " + pod, () -> node.knows(pod));
    }

    private void requireNothingLeft(String after) {
        assertEquals(Set.of(), kernel.connected().keySet(), after);
        assertEquals(List.of(), node.ledger.read(s -> List.copyOf(s.bindings())), after);
        assertFalse(Files.exists(directory.resolve("spool")), after);
    }

    /** Verb x version x repetition: 11 calls of each version. */
    @ParameterizedTest
    @ValueSource(strings = {"ENIIP", "ENI", "Trunk", "VPC"})
    void everyVerbDoesInEachVersionWhatTheSpecificationSays(String mode) throws IOException {
        serve(mode);
        for (String version : VERSIONS) {
            String sandbox = "c" + version.replace(".", "");
            know(sandbox);
            String plain = config(version, "");
            Outcome added = call("ADD", sandbox, plain);
            requireShape(version, added);
            assertEquals(added, call("ADD", sandbox, plain), "repeated ADD of " + version);
            String previous = config(version, ",\"prevResult\":" + added.output());
            int check = version.startsWith("0.3") ? 1 : 0;
            int young = version.equals("1.1.0") ? 0 : 1;
            assertEquals(check, call("CHECK", sandbox, previous).code(), "CHECK of " + version);
            assertEquals(check, call("CHECK", sandbox, previous).code(), "repeated CHECK of " + version);
            String valid = ",\"cni.dev/valid-attachments\":[{\"containerID\":\"" + sandbox + "\",\"ifname\":\"eth0\"}]";
            assertEquals(young, call("GC", sandbox, config(version, valid)).code(), "GC of " + version);
            assertEquals(1, kernel.connected().size(), "GC leaves what is valid");
            assertEquals(young, call("STATUS", sandbox, plain).code(), "STATUS of " + version);
            assertEquals(0, call("VERSION", sandbox, plain).code());
            assertEquals(new Outcome(0, ""), call("DEL", sandbox, previous), "DEL of " + version);
            assertEquals(new Outcome(0, ""), call("DEL", sandbox, previous), "repeated DEL of " + version);
            if (check == 0) {
                assertEquals(3, call("CHECK", sandbox, previous).code(), "CHECK after DEL");
            }
            requireNothingLeft(version);
        }
    }

    private static void requireShape(String version, Outcome added) {
        assertEquals(0, added.exit(), added.output());
        JsonNode result = added.json();
        assertEquals(version, result.path("cniVersion").asText());
        JsonNode ip = result.path("ips").path(0);
        assertEquals(version.startsWith("0.") ? "4" : "", ip.path("version").asText(""));
        assertTrue(ip.path("address").asText().startsWith("10.0.64."), added.output());
        JsonNode link = result.path("interfaces").path(ip.path("interface").asInt());
        assertEquals("eth0", link.path("name").asText());
        assertTrue(link.path("sandbox").asText().contains("netns-"), added.output());
        assertEquals(version.equals("1.1.0"), link.has("mtu"), added.output());
        assertTrue(result.path("dns").isObject(), added.output());
    }

    @TestFactory
    Stream<DynamicTest> badInputIsRefusedByItsCodeAndLeavesNothing() throws IOException {
        serve("ENIIP");
        know("bad");
        List<DynamicTest> rows = new ArrayList<>();
        for (BadCalls.Bad bad : BadCalls.ALWAYS) {
            Stream.of("ADD", "DEL", "CHECK").forEach(verb -> rows.add(row(verb, bad, bad.code())));
            rows.add(row("ADD", bad, bad.code())); // again: no state may have changed
        }
        BadCalls.FOR_ADD.forEach(bad -> rows.add(row("ADD", bad, bad.code())));
        // For a DEL what is not needed does not matter: there is nothing to remove.
        BadCalls.FOR_ADD.forEach(bad -> rows.add(row("DEL", bad, 0)));
        rows.add(row("GC", BadCalls.Bad.stdin("empty", "", 6), 6));
        BadCalls.OF_GC.forEach(bad -> rows.add(row("GC", bad, bad.code())));
        rows.add(row("STATUS", BadCalls.Bad.stdin("empty", "", 6), 6));
        rows.add(row("add", BadCalls.Bad.stdin("verb in lower case", config("1.0.0", ""), 4), 4));
        rows.add(row("", BadCalls.Bad.stdin("empty verb", config("1.0.0", ""), 4), 4));
        rows.add(row("CHECK", BadCalls.Bad.stdin("no prevResult", config("1.0.0", ""), 7), 7));
        return rows.stream();
    }

    private DynamicTest row(String verb, BadCalls.Bad bad, int code) {
        return DynamicTest.dynamicTest(verb + " with " + bad.name() + ": " + code, () -> {
            Map<String, String> environment = environment(verb, "bad", node.netns("bad"));
            environment.putAll(bad.environment());
            environment.values().removeIf(String::isEmpty);
            Outcome outcome = plugin.run(environment, bad.stdin().apply(config("1.0.0", "")));
            assertEquals(code, outcome.code(), outcome.output());
            if (code != 0) {
                assertFalse(outcome.json().path("msg").asText().isBlank());
                assertTrue(
                        outcome.output().length() < 3000,
                        "a short message: " + outcome.output().length());
            }
            requireNothingLeft(bad.name());
        });
    }

    @Test
    void concurrentAddsOfOneSandboxAnswerTheSame() throws Exception {
        serve("ENIIP");
        know("c1");
        List<Process> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(plugin.start(
                    environment("ADD", "c1", node.netns("c1")),
                    config("1.0.0", "").getBytes()));
        }
        assertEquals(1, calls.stream().map(PluginProcess::await).distinct().count());
        assertEquals(1, kernel.connected().size());
        assertEquals(0, call("DEL", "c1", config("1.0.0", "")).code());
        requireNothingLeft("DEL");
    }

    @Test
    void addsAndDelsOfOneSandboxAtOnceEndWithNothingAfterTheLastDel() throws Exception {
        serve("ENIIP");
        know("c1");
        List<Process> calls = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            calls.add(plugin.start(
                    environment(i % 2 == 0 ? "ADD" : "DEL", "c1", node.netns("c1")),
                    config("1.1.0", "").getBytes()));
        }
        for (Process call : calls) {
            Outcome outcome = PluginProcess.await(call);
            assertTrue(Set.of(0, 11).contains(outcome.code()), outcome.output());
        }
        assertEquals(0, call("DEL", "c1", config("1.1.0", "")).code());
        requireNothingLeft("the last DEL");
    }

    @Test
    void aPluginKilledInItsCallLeavesNothingAfterTheDel() throws Exception {
        serve("ENIIP");
        List<String> pods = IntStream.range(0, 9).mapToObj(i -> "c" + i).toList();
        pods.forEach(this::know);
        pods.subList(0, 8)
                .forEach(pod ->
                        assertEquals(0, call("ADD", pod, config("1.0.0", "")).code()));
        Process waiting = plugin.start(
                environment("ADD", "c8", node.netns("c8")), config("1.0.0", "").getBytes());
        OneAgent.await("its question", () -> ipam.asked("c8"));
        waiting.destroyForcibly().waitFor();
        assertEquals(0, call("DEL", "c8", config("1.0.0", "")).code());
        pods.subList(0, 8)
                .forEach(pod ->
                        assertEquals(0, call("DEL", pod, config("1.0.0", "")).code()));
        requireNothingLeft("the killed ADD");
    }

    @Test
    void gcFreesWhatRuntimeAndKernelHaveForgotten() throws Exception {
        serve("ENIIP");
        know("kept");
        know("gone");
        know("alive");
        know("young");
        Duration before = node.now().minusMinutes(3);
        Assumptions.assumeTrue(before.isPositive(), "clock: the machine was booted less than three minutes ago");
        // One that started so long ago may not wait for anything; a runtime tries again.
        OneAgent.await(
                "ADD",
                () -> node.call("ADD", "gone", "gone", before, Frames.CONFIG).isSuccess());
        List.of("kept", "alive", "young")
                .forEach(pod ->
                        assertEquals(0, call("ADD", pod, config("1.1.0", "")).code()));
        Files.delete(node.netns("gone"));
        Files.delete(node.netns("young"));
        String valid = ",\"cni.dev/valid-attachments\":[{\"containerID\":\"kept\",\"ifname\":\"eth0\"}]";
        Map<String, String> environment = Map.of("CNI_COMMAND", "GC", "CNI_PATH", "/opt/cni/bin");
        assertEquals(0, plugin.run(environment, config("1.1.0", valid)).code());
        assertEquals(
                Set.of(OneAgent.key("kept"), OneAgent.key("alive"), OneAgent.key("young")),
                kernel.connected().keySet(),
                "a namespace that lives keeps its address, whatever the runtime says, and so does a young sandbox");
    }

    @Test
    void whatOtherPluginsOfTheChainNeedIsPassedOver() throws IOException {
        serve("ENIIP");
        know("c1");
        String chained = config(
                "1.0.0",
                ",\"capabilities\":{\"bandwidth\":true,\"portMappings\":true},\"runtimeConfig\":{\"portMappings\":[{"
                        + "\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"}],\"bandwidth\":{\"ingressRate\":1}},"
                        + "\"dns\":{\"nameservers\":[\"10.1.0.1\"],\"search\":[\"example.com\"]},\"unknown\":[1,{}]");
        Outcome added = call("ADD", "c1", chained);
        assertEquals(
                "10.1.0.1", added.json().path("dns").path("nameservers").path(0).asText());
        assertEquals(
                "example.com", added.json().path("dns").path("search").path(0).asText());
        assertEquals(0, call("DEL", "c1", chained).code());
    }

    @Test
    void errorsSpeakTheVersionOfTheCall() throws IOException {
        serve("ENIIP");
        for (String version : VERSIONS) {
            assertEquals(
                    version,
                    call("ADD", "nobody", config(version, ""))
                            .json()
                            .path("cniVersion")
                            .asText());
        }
    }
}
