package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import io.terway.lab.cluster.Launch.Health;
import io.terway.lab.cluster.Layout.NodeLayout;
import io.terway.net.NodeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The commands and environments of the components: the ports, paths and variables on which the parts agree.
 *
 * @param root the source tree with its target directories
 * @param javaHome of a JDK 25
 * @param archive class archive of the lab's own jar; used when it exists, as are those of the services beside it
 * @param train the services make their archives when they end, instead of using them
 */
public record Launches(ClusterSpec spec, Layout layout, Path root, Path javaHome, Path archive, boolean train) {

    /** One value for all parts of one lab; side by side labs have clouds of their own. */
    static final String CLUSTER_ID = "c-lab";

    /**
     * Start-up costs most here: no second compiler, no parallel collector. Performance data lies in files named by PID,
     * and those of the lab's PID namespace are somebody else's outside.
     */
    private static final List<String> JAVA_OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    /** The heap that the agent's container would give it. */
    private static final List<String> AGENT_OPTIONS = List.of("-Xms8m", "-Xmx128m");

    /** The simulated cloud; its nodes are those of the lab. */
    public Launch cloud() {
        List<String> command = labJava("io.terway.lab.cloud.CloudMain");
        command.addAll(List.of(
                "--nodes", Integer.toString(spec.nodes()),
                "--instance-type", spec.instanceType().value(),
                "--state", layout.cloudState().toString(),
                "--facts", layout.cloudFacts().toString()));
        if (spec.stack() != ClusterSpec.Stack.IPV4) {
            command.add("--ipv6");
        }
        return new Launch(
                command, Map.of(), layout.state(), layout.log("cloud"), health(Addresses.ECS_PORT, "/_control/calls"));
    }

    /** The embedded Kubernetes API. */
    public Launch api() {
        List<String> command = labJava("io.terway.lab.api.ApiMain");
        command.addAll(List.of(
                "--listen", Addresses.SERVICES + ":" + Addresses.API_PORT,
                "--state", layout.apiState().toString(),
                "--kubeconfig-out", layout.kubeconfig().toString()));
        return new Launch(command, Map.of(), layout.state(), layout.log("api"), health(Addresses.API_PORT, "/version"));
    }

    public Launch service(Component.Service service, CloudFacts cloud) {
        Map<String, String> env =
                common(service.name(), Addresses.SERVICES + ":" + service.grpcPort(), layout.service(service.name()));
        env.put("QUARKUS_PROFILE", "prod,mtls");
        env.put("QUARKUS_HTTP_HOST", Addresses.SERVICES.toString());
        env.put("QUARKUS_HTTP_PORT", Integer.toString(service.grpcPort()));
        env.put("QUARKUS_MANAGEMENT_HOST", Addresses.SERVICES.toString());
        env.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(service.managementPort()));
        if (service.name().equals("eni-manager")) {
            env.put("TERWAY_ECS_ENDPOINT", cloud.endpoint());
            env.put("TERWAY_ECS_PROTOCOL", "http");
            env.put("TERWAY_ECS_REGION", cloud.region());
            env.put("ALIBABA_CLOUD_ACCESS_KEY_ID", cloud.accessKeyId());
            env.put("ALIBABA_CLOUD_ACCESS_KEY_SECRET", cloud.accessKeySecret());
        }
        return quarkus(
                service.folder(), List.of(), env, service.name(), health(service.managementPort(), "/health/ready"));
    }

    public Launch agent(LabNode node) {
        NodeLayout files = layout.node(node.name());
        String component = new Component.NodeAgent(node.name()).name();
        Map<String, String> env = common(component, node.ip() + ":" + Addresses.AGENT_GRPC_PORT, files.lib());
        env.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        env.put("QUARKUS_HTTP_PORT", Integer.toString(Addresses.AGENT_GRPC_PORT));
        env.put("QUARKUS_MANAGEMENT_HOST", "0.0.0.0");
        env.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(Addresses.AGENT_MANAGEMENT_PORT));
        env.put("TERWAY_NODE_NAME", node.name().value());
        env.put("TERWAY_RUN_DIR", files.run().toString());
        env.put("TERWAY_METADATA", "http://" + Addresses.METADATA);
        env.put("TERWAY_CNI_BIN_DIR", files.cniBin().toString());
        env.put("TERWAY_CNI_CONF_DIR", files.cniConf().toString());
        return quarkus(
                "node-agent/agent",
                List.of("nsenter", "--net=" + node.netns(), "--"),
                env,
                component,
                new Health(node.ip().toString(), Addresses.AGENT_MANAGEMENT_PORT, "/health/ready"));
    }

    /** terway-cli as a person on the node would run it. */
    public List<String> cli(NodeName node, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                "nsenter",
                "--net=" + LabNode.NETNS_DIRECTORY.resolve(node.value()),
                "--",
                root.resolve("node-agent/cli/target/terway-cli").toString()));
        command.addAll(arguments);
        return List.copyOf(command);
    }

    private Map<String, String> common(String component, String advertise, Path state) {
        Map<String, String> env = new HashMap<>();
        env.put("TERWAY_CLUSTER_ID", CLUSTER_ID);
        env.put("TERWAY_NAMESPACE", "kube-system");
        env.put("TERWAY_ADVERTISE", advertise);
        env.put("TERWAY_STATE_DIR", state.toString());
        env.put("KUBECONFIG", layout.kubeconfig().toString());
        Path identity = layout.identity(component);
        env.put("TERWAY_TLS_CERTIFICATE", identity.resolve("tls.crt").toString());
        env.put("TERWAY_TLS_KEY", identity.resolve("tls.key").toString());
        env.put("TERWAY_TLS_AUTHORITY", identity.resolve("ca.crt").toString());
        env.put("TERWAY_TOKEN", identity.resolve("token").toString());
        return env;
    }

    private Launch quarkus(
            String folder, List<String> prefix, Map<String, String> env, String component, Health health) {
        Path target = root.resolve(folder).resolve("target");
        List<String> command = new ArrayList<>(prefix);
        Path directory = target.resolve("quarkus-app");
        Optional<Path> runner = spec.natives() ? runner(target) : Optional.empty();
        if (runner.isPresent()) {
            command.add(runner.get().toString());
            return new Launch(command, env, target, layout.log(component), health);
        }
        if (!Files.exists(directory.resolve("quarkus-run.jar"))) {
            throw new Refusal(component + " is not built: " + directory
                    + "/quarkus-run.jar is missing; run ./mvnw -DskipTests package");
        }
        command.add(javaHome.resolve("bin/java").toString());
        command.addAll(JAVA_OPTIONS);
        if (component.startsWith("node-agent@")) {
            command.addAll(AGENT_OPTIONS);
        }
        command.addAll(application(component, directory));
        return new Launch(command, env, directory, layout.log(component), health);
    }

    /** With an archive, through the jar that it was made with; else as Quarkus packages it. */
    private List<String> application(String component, Path directory) {
        Path flat = root.resolve("k8s/lab/target/boot/" + component.replaceFirst("@.*", "") + ".jar");
        Path cache = flat.resolveSibling(flat.getFileName() + ".aot");
        // Two agents of one training would write one file: the first node's does.
        if (train && !component.matches("node-agent@(?!node-1$).*")) {
            FlatJar.ensure(flat, directory);
            return List.of("-XX:AOTCacheOutput=" + cache, "-jar", flat.toString());
        }
        boolean fits = Files.exists(cache)
                && cache.toFile().lastModified()
                        > directory.resolve("quarkus-run.jar").toFile().lastModified();
        return fits ? List.of("-XX:AOTCache=" + cache, "-jar", flat.toString()) : List.of("-jar", "quarkus-run.jar");
    }

    /** True when a native binary of the component in this folder is built. */
    public boolean hasNative(String folder) {
        return runner(root.resolve(folder).resolve("target")).isPresent();
    }

    private static Optional<Path> runner(Path target) {
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().endsWith("-runner"))
                    .filter(Files::isExecutable)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private List<String> labJava(String main) {
        List<String> command = new ArrayList<>();
        command.add(javaHome.resolve("bin/java").toString());
        command.addAll(JAVA_OPTIONS);
        if (Files.exists(archive)) {
            command.add("-XX:AOTCache=" + archive);
        }
        command.addAll(List.of(
                "-Djava.util.logging.config.file=" + root.resolve("k8s/lab/src/main/sh/logging.properties"),
                "-cp",
                root.resolve("k8s/lab/target/terway-lab.jar").toString(),
                main));
        return command;
    }

    private static Health health(int port, String path) {
        return new Health(Addresses.SERVICES.toString(), port, path);
    }
}
