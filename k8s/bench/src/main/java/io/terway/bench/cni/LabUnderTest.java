package io.terway.bench.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

    private LabUnderTest(Path lab, Path state, Path work) {
        this.lab = lab;
        this.state = state;
        this.work = work;
    }

    /** Starts a node of {@code instanceType} that keeps at least {@code warm} addresses idle. */
    static LabUnderTest up(Path root, Path work, String instanceType, int warm) {
        var started = new LabUnderTest(root.resolve("k8s/lab/lab"), work.resolve("lab"), work);
        Path eniConfig = work.resolve("eni-config.json");
        Spawner.write(eniConfig, """
                {"version": "1", "max_pool_size": %d, "min_pool_size": %d, "service_cidr": "172.16.0.0/16",
                 "cool_down_seconds": 1, "eniip_virtual_type": "Veth"}
                """.formatted(warm * 2, warm));
        started.lab("up", "--nodes", "1", "--instance-type", instanceType, "--eni-config", eniConfig.toString());
        return started;
    }

    /**
     * Stops the refill of the pool: what is warm stays, nothing is ordered while plugin processes are timed. The lab's
     * cloud makes real links and rules on the same cores, which a real node's cloud does not.
     */
    void holdPool() {
        Path kubeconfig = Path.of(json(lab("env", "--json")).path("kubeconfig").asText());
        String server = Spawner.read(kubeconfig)
                .lines()
                .filter(line -> line.contains("server:"))
                .map(line -> line.substring(line.indexOf("server:") + 7).strip().replace("\"", ""))
                .findFirst()
                .orElseThrow(() -> new Unmeasurable(kubeconfig + " names no server"));
        Command.require(command(
                "run",
                "--",
                "curl",
                "-sf",
                "-o",
                "/dev/null",
                "-X",
                "PATCH",
                "-H",
                "Content-Type: application/merge-patch+json",
                "-d",
                "{\"metadata\":{\"annotations\":{\"k8s.aliyun.com/eni-min-pool-size\":\"0\"}}}",
                server + "/api/v1/nodes/" + NODE));
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

    /** Creates the Pod objects, as the scheduler has them before any ADD. */
    void createPods(List<String> pods) {
        StringBuilder list = new StringBuilder();
        pods.forEach(pod -> list.append("""
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: %s}
                spec: {nodeName: %s, containers: [{name: pause, image: pause}]}
                """.formatted(pod, NAMESPACE, NODE)));
        Path file = work.resolve("pods.yaml");
        Spawner.write(file, "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + NAMESPACE + "}\n" + list);
        lab("apply", "-f", file.toString());
    }

    /** Addresses that an ADD would get at once. */
    int available(Path cli) {
        String shown = Command.require(command("run", "--node", NODE, "--", cli.toString(), "show", "-o", "json"));
        return json(shown).path("pool").path("available").asInt();
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
