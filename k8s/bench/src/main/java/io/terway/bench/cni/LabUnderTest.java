package io.terway.bench.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.bench.Command;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A lab of one node with a warm pool, driven through its command line as anybody would. */
final class LabUnderTest implements AutoCloseable {

    /** What the report calls us. */
    static final String SUBJECT = "terway";

    static final String NODE = "node-1";
    private static final String NAMESPACE = "bench";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern STAGES =
            Pattern.compile(" ADD " + NAMESPACE + "/(\\S+) .*\\]: ([0-9.]+) ms \\((.*)\\)$");
    private static final Pattern STAGE = Pattern.compile("([a-z]+)(?:\\[[^\\]]*\\])? ([0-9.]+)(?:, |$)");

    private final Path lab;
    private final Path state;
    private final Path work;
    /** Address of its API server, read once: {@code lab env} starts a JVM. */
    private String server;

    private LabUnderTest(Path lab, Path state, Path work) {
        this.lab = lab;
        this.state = state;
        this.work = work;
    }

    /** Starts a node of {@code instanceType} that keeps {@code min} to {@code max} addresses idle. */
    static LabUnderTest up(Path root, Path work, String instanceType, int min, int max) {
        var started = new LabUnderTest(root.resolve("k8s/lab/lab"), work.resolve("lab"), work);
        Path eniConfig = work.resolve("eni-config.json");
        Spawner.write(eniConfig, """
                {"version": "1", "max_pool_size": %d, "min_pool_size": %d, "service_cidr": "172.16.0.0/16",
                 "cool_down_seconds": 1, "eniip_virtual_type": "Veth"}
                """.formatted(max, min));
        started.lab("up", "--nodes", "1", "--instance-type", instanceType, "--eni-config", eniConfig.toString());
        Path namespace = work.resolve("namespace.yaml");
        Spawner.write(namespace, "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + NAMESPACE + "}\n");
        started.lab("apply", "-f", namespace.toString());
        started.server = started.apiServer();
        return started;
    }

    /**
     * Stops the refill of the pool: what is warm stays, nothing is ordered while plugin processes are timed. The lab's
     * cloud makes real links and rules on the same cores, which a real node's cloud does not.
     */
    void holdPool() {
        Command.require(curl(
                List.of(
                        "-X",
                        "PATCH",
                        "-H",
                        "Content-Type: application/merge-patch+json",
                        "-d",
                        "{\"metadata\":{\"annotations\":{\"k8s.aliyun.com/eni-min-pool-size\":\"0\"}}}"),
                List.of("/api/v1/nodes/" + NODE)));
    }

    /** Deletes the Pod objects. */
    void deletePods(List<String> pods) {
        Command.require(curl(
                List.of("-X", "DELETE"),
                pods.stream()
                        .map(pod -> "/api/v1/namespaces/" + NAMESPACE + "/pods/" + pod)
                        .toList()));
    }

    /** A request to each of these paths of the lab's API server. */
    private List<String> curl(List<String> options, List<String> paths) {
        List<String> words = new ArrayList<>(List.of("run", "--", "curl", "-sf"));
        words.addAll(options);
        paths.forEach(path -> words.addAll(List.of("-o", "/dev/null", server + path)));
        return command(words.toArray(String[]::new));
    }

    private String apiServer() {
        Path kubeconfig = Path.of(json(lab("env", "--json")).path("kubeconfig").asText());
        return Spawner.read(kubeconfig)
                .lines()
                .filter(line -> line.contains("server:"))
                .map(line -> line.substring(line.indexOf("server:") + 7).strip().replace("\"", ""))
                .findFirst()
                .orElseThrow(() -> new Unmeasurable(kubeconfig + " names no server"));
    }

    /** Our plugin on the node, chained as the node's own list says; only the terway plugin itself is timed. */
    PluginUnderTest plugin(Path program) {
        JsonNode agent = json(lab("env", "--json")).path("agents").path(NODE);
        Path config = work.resolve("terway.conf");
        Spawner.write(config, """
                {"cniVersion": "1.0.0", "name": "terway", "type": "terway"}
                """);
        String socket = agent.path("socket").asText();
        return new PluginUnderTest(
                SUBJECT,
                new Place(command("run", "--node", NODE, "--")),
                program,
                config,
                Map.of("TERWAY_CNI_SOCKET", socket),
                NAMESPACE);
    }

    /** Creates the Pod objects, as the scheduler has them before any ADD: one process, one connection, a request each. */
    void createPods(List<String> pods) {
        Path requests = work.resolve("pods.curl");
        Spawner.write(
                requests,
                pods.stream()
                        .map(pod -> """
                        url = "%s/api/v1/namespaces/%s/pods"
                        header = "Content-Type: application/json"
                        data-raw = "%s"
                        output = "/dev/null"
                        fail
                        """.formatted(
                                        server, NAMESPACE, pod(pod).toString().replace("\"", "\\\"")))
                        .collect(Collectors.joining("next\n")));
        Command.require(command("run", "--", "curl", "-s", "-K", requests.toString()));
    }

    private static ObjectNode pod(String name) {
        ObjectNode pod = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Pod");
        pod.putObject("metadata").put("name", name).put("namespace", NAMESPACE);
        ObjectNode spec = pod.putObject("spec").put("nodeName", NODE);
        spec.putArray("containers").addObject().put("name", "pause").put("image", "pause");
        return pod;
    }

    /** Addresses that an ADD would get at once. */
    int available(Path cli) {
        return show(cli).path("pool").path("available").asInt();
    }

    /** ENIs that the node's agent was offered addresses of. */
    int enis(Path cli) {
        return show(cli).path("enis").size();
    }

    private JsonNode show(Path cli) {
        return json(Command.require(command("run", "--node", NODE, "--", cli.toString(), "show", "-o", "json")));
    }

    /** From now on the cloud takes these milliseconds, as {@code lab fault latencies} reads them. */
    void latencies(String millis) {
        lab("fault", "latencies", millis);
    }

    /** How many calls the cloud has admitted since it started, by action. */
    Map<String, Long> cloudCalls() {
        Map<String, Long> out = new TreeMap<>();
        json(lab("fault", "calls"))
                .properties()
                .forEach(call -> out.put(call.getKey(), call.getValue().asLong()));
        return out;
    }

    /**
     * Milliseconds of each stage of these pods' ADDs inside the agent, from its log: one line for each ADD, as
     * {@code ADD ns/pod (uid) [ip]: 5.05 ms (parse 0.10, pod 0.10, assign 2.60, link 0.01, plumb[...] 1.80)}.
     */
    Map<String, List<Double>> stages(List<String> pods) {
        Path log = Path.of(
                json(lab("env", "--json")).path("agents").path(NODE).path("log").asText());
        Map<String, List<Double>> out = new TreeMap<>();
        Spawner.read(log).lines().map(STAGES::matcher).filter(Matcher::find).forEach(line -> {
            if (pods.contains(line.group(1))) {
                out.computeIfAbsent("all", _ -> new ArrayList<>()).add(Double.valueOf(line.group(2)));
                STAGE.matcher(line.group(3))
                        .results()
                        .forEach(stage -> out.computeIfAbsent(stage.group(1), _ -> new ArrayList<>())
                                .add(Double.valueOf(stage.group(2))));
            }
        });
        return out;
    }

    @Override
    public void close() {
        Command.run(command("down"));
    }

    private String lab(String... words) {
        return Command.require(command(words));
    }

    private List<String> command(String... words) {
        List<String> all = new ArrayList<>(List.of(lab.toString(), words[0], "--state", state.toString()));
        Stream.of(words).skip(1).forEach(all::add);
        return all;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new Unmeasurable("this is not JSON: " + text + " (" + e.getMessage() + ")");
        }
    }
}
