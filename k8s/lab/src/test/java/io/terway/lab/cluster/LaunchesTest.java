package io.terway.lab.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.lab.Refusal;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LaunchesTest {
    @TempDir
    Path root;

    private final LabNode node = new LabNode(
            new NodeName("node-1"),
            new ZoneId("cn-hangzhou-h"),
            List.of(Ip.parse("10.0.0.10")),
            new InstanceId("i-1"),
            new InstanceType("ecs.g7.xlarge"),
            LabNode.podCidrsOf(1, ClusterSpec.Stack.IPV4));

    @Test
    void anAgentRunsInItsNodesNamespaceWithPathsOfItsOwn() throws IOException {
        jar("node-agent/agent");

        Launch launch = launches(false).agent(node);

        assertEquals(
                List.of("nsenter", "--net=/run/netns/node-1", "--"),
                launch.command().subList(0, 3));
        assertEquals("node-1", launch.environment().get("TERWAY_NODE_NAME"));
        assertEquals("/tmp/s/nodes/node-1/run", launch.environment().get("TERWAY_RUN_DIR"));
        assertEquals("10.0.0.10:7604", launch.environment().get("TERWAY_ADVERTISE"));
        assertEquals(new Launch.Health("10.0.0.10", 9191, "/health/ready"), launch.health());
    }

    @Test
    void onlyEniManagerGetsTheCloudsCredentials() throws IOException {
        for (Component.Service service : Component.SERVICES) {
            jar(service.folder());
        }
        CloudFacts cloud = new CloudFacts(
                "100.100.0.10:8088", "", "cn-hangzhou", "id", "secret", "vpc", "sg", List.of(), List.of());

        List<String> holders = Component.SERVICES.stream()
                .filter(service ->
                        launches(false).service(service, cloud).environment().containsValue("secret"))
                .map(Component.Service::name)
                .toList();

        assertEquals(List.of("eni-manager"), holders);
    }

    @Test
    void aNativeBinaryIsRunWhereItIsBuilt() throws IOException {
        Path target = Files.createDirectories(root.resolve("node-agent/agent/target"));
        Path runner = Files.createFile(target.resolve("node-agent-0.1.0-runner"));
        Files.setPosixFilePermissions(runner, PosixFilePermissions.fromString("rwxr-xr-x"));

        Launch launch = launches(true).agent(node);

        assertEquals(runner.toString(), launch.command().getLast());
    }

    @Test
    void whatIsNotBuiltIsNamed() {
        Refusal refusal = assertThrows(Refusal.class, () -> launches(false).agent(node));

        assertTrue(refusal.getMessage().startsWith("node-agent@node-1 is not built"), refusal::getMessage);
    }

    @Test
    void everyComponentHasOneName() {
        List<Component> all = Component.all(List.of(new NodeName("node-1"), new NodeName("node-2")), true);

        assertEquals(
                Set.of(
                        "cloud",
                        "api",
                        "ipam-service",
                        "eni-manager",
                        "policy-service",
                        "node-agent@node-1",
                        "node-agent@node-2"),
                Set.copyOf(all.stream().map(Component::name).toList()));
    }

    @Test
    void theSupervisorGetsTheSpecThatWasAskedFor() {
        ClusterSpec spec = new ClusterSpec(
                3,
                ClusterSpec.Mode.ENIIP,
                ClusterSpec.Stack.IPV4,
                ClusterSpec.VirtualType.IPVLAN,
                new InstanceType("ecs.g7.large"),
                Optional.empty(),
                Optional.empty(),
                true);
        SpecOptions options = new SpecOptions();

        new CommandLine(options).parseArgs(SpecOptions.arguments(spec).toArray(String[]::new));

        assertEquals(spec, options.spec());
    }

    private Launches launches(boolean natives) {
        ClusterSpec standard = ClusterSpec.standard();
        ClusterSpec spec = new ClusterSpec(
                standard.nodes(),
                standard.mode(),
                standard.stack(),
                standard.virtualType(),
                standard.instanceType(),
                standard.eniConfig(),
                standard.kubeconfig(),
                natives);
        return new Launches(spec, new Layout(Path.of("/tmp/s")), root, Path.of("/jdk"), Path.of("/none"), false);
    }

    private void jar(String folder) throws IOException {
        Path app = Files.createDirectories(root.resolve(folder).resolve("target/quarkus-app"));
        Files.createFile(app.resolve("quarkus-run.jar"));
    }
}
