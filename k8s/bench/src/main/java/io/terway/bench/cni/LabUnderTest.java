package io.terway.bench.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.bench.Lab;
import io.terway.bench.Unmeasurable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A lab of one node with a warm pool, driven through its command line as anybody would. */
public final class LabUnderTest implements AutoCloseable {

    /** What the report calls us. */
    public static final String SUBJECT = "terway";

    public static final String NODE = "node-1";
    private static final String NAMESPACE = "bench";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern STAGES =
            Pattern.compile(" ADD " + NAMESPACE + "/(\\S+) .*\\]: ([0-9.]+) ms \\((.*)\\)$");
    private static final Pattern STAGE = Pattern.compile("([a-z]+)(?:\\[[^\\]]*\\])? ([0-9.]+)(?:, |$)");

    /** The lab's addresses cool down for a second; this is how long a round waits for a full pool. */
    private static final long POOL_WAIT_SECONDS = 120;

    private final Lab lab;
    private final Path work;
    /** Address of its API server, read once: {@code lab env} starts a JVM. */
    private String server;

    private LabUnderTest(Lab lab, Path work) {
        this.lab = lab;
        this.work = work;
    }

    /** Starts a node of {@code instanceType} that keeps {@code min} to {@code max} addresses idle. */
    public static LabUnderTest up(Path root, Path work, String instanceType, int min, int max, String... options) {
        Path eniConfig = work.resolve("eni-config.json");
        Spawner.write(eniConfig, """
                {"version": "1", "max_pool_size": %d, "min_pool_size": %d, "service_cidr": "172.16.0.0/16",
                 "cool_down_seconds": 1, "eniip_virtual_type": "Veth"}
                """.formatted(max, min));
        List<String> all = new ArrayList<>(
                List.of("--nodes", "1", "--instance-type", instanceType, "--eni-config", eniConfig.toString()));
        all.addAll(List.of(options));
        var started = new LabUnderTest(Lab.up(root, work.resolve("lab"), all.toArray(String[]::new)), work);
        Path namespace = work.resolve("namespace.yaml");
        Spawner.write(namespace, "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + NAMESPACE + "}\n");
        started.lab.require("apply", "-f", namespace.toString());
        started.server = started.apiServer();
        return started;
    }

    public Lab lab() {
        return lab;
    }

    /**
     * Stops the refill of the pool: what is warm stays, nothing is ordered while plugin processes are timed. The lab's
     * cloud makes real links and rules on the same cores, which a real node's cloud does not.
     */
    public void holdPool() {
        curl(
                List.of(
                        "-X",
                        "PATCH",
                        "-H",
                        "Content-Type: application/merge-patch+json",
                        "-d",
                        "{\"metadata\":{\"annotations\":{\"k8s.aliyun.com/eni-min-pool-size\":\"0\"}}}"),
                List.of("/api/v1/nodes/" + NODE));
    }

    /** Deletes the Pod objects. */
    void deletePods(List<String> pods) {
        curl(
                List.of("-X", "DELETE"),
                pods.stream()
                        .map(pod -> "/api/v1/namespaces/" + NAMESPACE + "/pods/" + pod)
                        .toList());
    }

    /** A request to each of these paths of the lab's API server. */
    private void curl(List<String> options, List<String> paths) {
        List<String> words = new ArrayList<>(List.of("curl", "-sf"));
        words.addAll(options);
        paths.forEach(path -> words.addAll(List.of("-o", "/dev/null", server + path)));
        lab.services().require(words.toArray(String[]::new));
    }

    private String apiServer() {
        Path kubeconfig = Path.of(lab.json("env", "--json").path("kubeconfig").asText());
        return Spawner.read(kubeconfig)
                .lines()
                .filter(line -> line.contains("server:"))
                .map(line -> line.substring(line.indexOf("server:") + 7).strip().replace("\"", ""))
                .findFirst()
                .orElseThrow(() -> new Unmeasurable(kubeconfig + " names no server"));
    }

    /** Our plugin on the node, chained as the node's own list says; only the terway plugin itself is timed. */
    public PluginUnderTest plugin(Path program) {
        JsonNode agent = lab.json("env", "--json").path("agents").path(NODE);
        Path config = work.resolve("terway.conf");
        Spawner.write(config, """
                {"cniVersion": "1.0.0", "name": "terway", "type": "terway"}
                """);
        String socket = agent.path("socket").asText();
        return new PluginUnderTest(
                SUBJECT, lab.node(NODE), program, config, Map.of("TERWAY_CNI_SOCKET", socket), NAMESPACE);
    }

    /** Creates the Pod objects, as the scheduler has them before any ADD: one process, one connection, a request each. */
    public void createPods(List<String> pods) {
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
        lab.services().require("curl", "-s", "-K", requests.toString());
    }

    private static ObjectNode pod(String name) {
        ObjectNode pod = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Pod");
        pod.putObject("metadata").put("name", name).put("namespace", NAMESPACE);
        ObjectNode spec = pod.putObject("spec").put("nodeName", NODE);
        spec.putArray("containers").addObject().put("name", "pause").put("image", "pause");
        return pod;
    }

    /** Until so many ADDs would get an address at once. */
    public void awaitPool(Path root, int wanted) {
        Path cli = root.resolve("node-agent/cli/target/terway-cli");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(POOL_WAIT_SECONDS);
        int available;
        while ((available = available(cli)) < wanted) {
            if (System.nanoTime() > deadline) {
                throw new Unmeasurable("the node has only " + available + " warm addresses after " + POOL_WAIT_SECONDS
                        + " s; " + wanted + " are needed");
            }
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
    }

    /** Addresses that an ADD would get at once. */
    private int available(Path cli) {
        return show(cli).path("pool").path("available").asInt();
    }

    /** ENIs that the node's agent was offered addresses of. */
    int enis(Path cli) {
        return show(cli).path("enis").size();
    }

    private JsonNode show(Path cli) {
        return Lab.read(lab.node(NODE).require(cli.toString(), "show", "-o", "json"));
    }

    /** From now on the cloud takes these milliseconds, as {@code lab fault latencies} reads them. */
    void latencies(String millis) {
        lab.require("fault", "latencies", millis);
    }

    /** How many calls the cloud has admitted since it started, by action. */
    Map<String, Long> cloudCalls() {
        Map<String, Long> out = new TreeMap<>();
        lab.json("fault", "calls")
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
                lab.json("env", "--json").path("agents").path(NODE).path("log").asText());
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
        lab.close();
    }
}
