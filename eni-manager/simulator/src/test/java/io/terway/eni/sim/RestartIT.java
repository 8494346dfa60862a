package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.net.InstanceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartIT {

    private static final Map<String, String> CREATE =
            Map.of("VSwitchId", "vsw-bp1pod-h", "SecurityGroupId", "sg-bp1lab", "ClientToken", "t1");

    @TempDir
    Path directory;

    private static String id(String body) {
        return body.replaceAll(".*\"NetworkInterfaceId\":\"([^\"]+)\".*", "$1");
    }

    private static String status(EcsSimulator twin, String id) {
        return twin.view().enis().stream()
                .filter(e -> e.id().value().equals(id))
                .map(EniView::status)
                .findFirst()
                .orElse("gone");
    }

    @Test
    void pendingTransitionsGoOnAfterARestart() {
        ManualClock clock = new ManualClock();
        Options options = Options.defaults()
                .withClock(clock)
                .withLatencies(Latencies.typical())
                .withStateFile(directory.resolve("state.json"));
        String id;
        try (EcsSimulator twin = EcsSimulator.start(Scenario.standard(), options, VpcObserver.NONE);
                RawClient client = new RawClient(twin)) {
            id = id(client.call("CreateNetworkInterface", CREATE).body());
            client.call("AttachNetworkInterface", Map.of("NetworkInterfaceId", id, "InstanceId", "i-bp1node00001"));
        }
        try (EcsSimulator twin = EcsSimulator.start(Scenario.standard(), options, VpcObserver.NONE);
                RawClient client = new RawClient(twin)) {
            assertEquals("Attaching", status(twin, id));
            assertEquals(id, id(client.call("CreateNetworkInterface", CREATE).body()));
            clock.advance(Duration.ofSeconds(3));
            assertEquals("InUse", status(twin, id));
        }
    }

    @Test
    void everythingThatCanBeKeptIsKept() throws IOException {
        Scenario scenario = Scenario.lab(2, new InstanceType("ecs.g7.2xlarge"), true);
        Options options =
                Options.defaults().withLatencies(Latencies.none()).withStateFile(directory.resolve("state.json"));
        JsonNode before;
        try (EcsSimulator twin = EcsSimulator.start(scenario, options, VpcObserver.NONE);
                RawClient client = new RawClient(twin)) {
            Map<String, String> trunk =
                    Map.of("VSwitchId", "vsw-bp1pod-h", "SecurityGroupId", "sg-bp1lab", "InstanceType", "Trunk");
            String trunkId = id(client.call("CreateNetworkInterface", trunk).body());
            String member = id(client.call("CreateNetworkInterface", CREATE).body());
            Map<String, String> node = Map.of("NetworkInterfaceId", trunkId, "InstanceId", "i-bp1node00001");
            accepted(client, "AttachNetworkInterface", node);
            Map<String, String> onTrunk = new HashMap<>(node);
            onTrunk.putAll(Map.of("NetworkInterfaceId", member, "TrunkNetworkInstanceId", trunkId));
            accepted(client, "AttachNetworkInterface", onTrunk);
            accepted(client, "AssignPrivateIpAddresses", Map.of("NetworkInterfaceId", trunkId, "Ipv4PrefixCount", "2"));
            accepted(client, "AssignIpv6Addresses", Map.of("NetworkInterfaceId", trunkId, "Ipv6PrefixCount", "1"));
            accepted(
                    client,
                    "AuthorizeSecurityGroup",
                    Map.of(
                            "SecurityGroupId", "sg-bp1lab",
                            "Permissions.1.IpProtocol", "TCP",
                            "Permissions.1.PortRange", "1/9",
                            "Permissions.1.SourceGroupId", "sg-bp1lab"));
            accepted(
                    client,
                    "CreateRouteEntry",
                    Map.of(
                            "Version", "2016-04-28",
                            "RouteTableId", "vtb-bp1lab",
                            "DestinationCidrBlock", "192.168.0.0/24",
                            "NextHopId", "i-bp1node00001"));
            before = state(client);
        }
        try (EcsSimulator twin = EcsSimulator.start(scenario, options, VpcObserver.NONE);
                RawClient client = new RawClient(twin)) {
            assertEquals(before, state(client));
        }
    }

    private static void accepted(RawClient client, String action, Map<String, String> params) {
        var answer = client.call(action, params);
        assertEquals(200, answer.statusCode(), answer.body());
    }

    private static JsonNode state(RawClient client) throws IOException {
        return new ObjectMapper()
                .readTree(client.control("GET", "/state", "").body())
                .path("cloud");
    }

    @Test
    void unreadableStateFileIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("state.json"), "{\"format\":1");
        Options options = Options.defaults().withStateFile(file);
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> EcsSimulator.start(Scenario.standard(), options, VpcObserver.NONE));
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
    }

    @Test
    void unwritableStateFileEndsTheStart() {
        Path file = directory.resolve("missing").resolve("state.json");
        Options options = Options.defaults().withStateFile(file);
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> EcsSimulator.start(Scenario.standard(), options, VpcObserver.NONE));
        assertTrue(refusal.getMessage().contains(file.toString()), refusal.getMessage());
    }

    @Test
    void takenPortEndsTheStart() {
        try (EcsSimulator first = EcsSimulator.start(Scenario.standard(), Options.defaults(), VpcObserver.NONE)) {
            Options same = Options.defaults().withApi("127.0.0.1", first.apiPort());
            IllegalStateException refusal = assertThrows(
                    IllegalStateException.class, () -> EcsSimulator.start(Scenario.standard(), same, VpcObserver.NONE));
            assertTrue(refusal.getMessage().contains(first.endpoint()), refusal.getMessage());
        }
    }

    @Test
    void killedProcessHasKeptWhatItAnswered() throws IOException, InterruptedException {
        Path state = directory.resolve("state.json");
        Process first = launch(state);
        String id;
        try (RawClient client = new RawClient(Endpoint.of(banner(first)))) {
            id = id(client.call("CreateNetworkInterface", CREATE).body());
        } finally {
            first.destroyForcibly().waitFor();
        }
        assertTrue(id.startsWith("eni-bp1"), id);
        Process second = launch(state);
        try (RawClient client = new RawClient(Endpoint.of(banner(second)))) {
            assertTrue(client.call("DescribeNetworkInterfaces", Map.of("NetworkInterfaceId.1", id))
                    .body()
                    .contains(id));
        } finally {
            second.destroyForcibly().waitFor();
        }
    }

    @Test
    void theDefaultAccountIsToldInOneLine() throws IOException, InterruptedException {
        Process process = launch(directory.resolve("state.json"));
        JsonNode banner;
        try {
            banner = banner(process);
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(
                List.of("cn-hangzhou-h", "cn-hangzhou-h", "cn-hangzhou-i", "cn-hangzhou-i"),
                banner.path("vSwitches").findValuesAsText("zone").stream()
                        .sorted()
                        .toList());
        assertEquals(
                List.of("cn-hangzhou-h", "cn-hangzhou-i"),
                banner.path("instances").findValuesAsText("zone"));
        assertEquals(
                List.of("ecs.g7.xlarge", "ecs.g7.xlarge"),
                banner.path("instances").findValuesAsText("type"));
        assertEquals(4, banner.path("vSwitches").findValuesAsText("cidr").size());
        assertTrue(banner.path("endpoint").asText().startsWith("127.0.0.1:"), banner.toString());
        for (String one : List.of("region", "accessKeyId", "accessKeySecret", "vpcId", "securityGroupId")) {
            assertTrue(banner.path(one).isTextual(), one);
        }
    }

    @Test
    void wrongArgumentIsOneLineAndExitCodeTwo() throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(java(), "-cp", classPath(), SimulatorMain.class.getName(), "--port", "x").start();
        String line = process.errorReader().readLine();
        assertEquals(2, process.waitFor());
        assertEquals("ecs-simulator: a port must be a number, not 'x'", line);
    }

    private static Process launch(Path state) throws IOException {
        return new ProcessBuilder(
                        java(), "-cp", classPath(), SimulatorMain.class.getName(), "--state", state.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static JsonNode banner(Process process) throws IOException {
        return new ObjectMapper().readTree(process.inputReader().readLine());
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }
}
