package io.terway.bench.datapath;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.bench.Lab;
import io.terway.bench.Unmeasurable;
import io.terway.bench.agent.AgentProcess;
import io.terway.bench.cni.Spawner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;

/** A lab of two nodes with pods of each kind: two on the first node, one on the second. */
final class TwoNodes implements AutoCloseable {

    static final String OWN_NIC_SUBJECT = "ENI in pod";

    /** Connections to it may skip the host's stack. */
    private static final int ANY = 7000;

    /** Connections to it bear a mark, as those of others do that the stack must see: they never skip it. */
    private static final int BY_STACK = 7001;

    private static final String FREE = "bench-free";
    private static final String JUDGED = "bench-judged";
    private static final String OWN_NIC = "bench-nic";

    private static final long POLICY_WAIT_SECONDS = 60;

    private static final String POLICY = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: among-themselves, namespace: %s}
            spec:
              podSelector: {}
              policyTypes: [Ingress, Egress]
              ingress: [{from: [{podSelector: {}}], ports: [{protocol: TCP, port: 7000}, {protocol: TCP, port: 7001}]}]
              egress: [{to: [{podSelector: {}}], ports: [{protocol: TCP, port: 7000}, {protocol: TCP, port: 7001}]}]
            """.formatted(JUDGED);

    private final Lab lab;
    private final Path work;
    private final Map<String, Pod> pods = new HashMap<>();

    /** @param netns path of its namespace */
    private record Pod(String netns, String address) {}

    private TwoNodes(Lab lab, Path work) {
        this.lab = lab;
        this.work = work;
    }

    static TwoNodes up(Path root, Path work) {
        Path eniConfig = work.resolve("eni-config.json");
        Spawner.write(eniConfig, """
                {"version": "1", "max_pool_size": 12, "min_pool_size": 6, "service_cidr": "172.16.0.0/16",
                 "eniip_virtual_type": "Veth", "acceleration": true}
                """);
        TwoNodes nodes = new TwoNodes(
                Lab.up(
                        root,
                        work.resolve("lab"),
                        "--nodes",
                        "2",
                        "--instance-type",
                        "ecs.g7.4xlarge",
                        "--eni-config",
                        eniConfig.toString()),
                work);
        try {
            nodes.fill();
            return nodes;
        } catch (Unmeasurable e) {
            nodes.close();
            throw e;
        }
    }

    private void fill() {
        for (String namespace : List.of(FREE, JUDGED, OWN_NIC)) {
            add(namespace, "a", "node-1");
            add(namespace, "b", "node-1");
            add(namespace, "c", "node-2");
        }
        for (String node : List.of("node-1", "node-2")) {
            lab.node(node)
                    .require(
                            "nft",
                            "table inet bench { chain by_stack { type filter hook prerouting priority -140;"
                                    + " tcp dport " + BY_STACK + " ct state new ct mark set 0x80000000; }; }");
        }
    }

    private void add(String namespace, String name, String node) {
        List<String> words = new ArrayList<>(List.of("pod", "add", namespace + "/" + name, "--node", node, "--json"));
        if (namespace.equals(OWN_NIC)) {
            words.addAll(List.of("--annotation", "k8s.aliyun.com/eni=true"));
        }
        JsonNode added = lab.json(words.toArray(String[]::new));
        String netns = StreamSupport.stream(
                        added.path("result").path("interfaces").spliterator(), false)
                .filter(i -> i.path("name").asText().equals("eth0"))
                .map(i -> i.path("sandbox").asText())
                .findFirst()
                .orElseThrow(() -> new Unmeasurable(namespace + "/" + name + " has no eth0 in " + added));
        pods.put(
                namespace + "/" + name, new Pod(netns, added.path("ips").path(0).asText()));
    }

    /** Puts the judged pods under a policy that lets them talk; returns when both nodes enforce it. */
    void judge() {
        Path file = work.resolve("policy.yaml");
        Spawner.write(file, POLICY);
        lab.require("apply", "-f", file.toString());
        awaitProgram("node-1", "a");
        awaitProgram("node-2", "c");
    }

    private void awaitProgram(String node, String pod) {
        String wanted = pods.get(JUDGED + "/" + pod).address() + " : jump";
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(POLICY_WAIT_SECONDS);
        while (!lab.node(node).require("nft", "list", "table", "inet", "terway").contains(wanted)) {
            if (System.nanoTime() > deadline) {
                throw new Unmeasurable(node + " does not enforce the policy after " + POLICY_WAIT_SECONDS + " s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
        }
    }

    /** What terway-cli says of acceleration on the first node. */
    String acceleration(Path root) {
        return Lab.read(lab.node("node-1")
                        .require(
                                root.resolve("node-agent/cli/target/terway-cli").toString(), "show", "-o", "json"))
                .path("acceleration")
                .asText();
    }

    /** The agent that follows the connections of the first node. */
    AgentProcess agent() {
        return new AgentProcess(lab, "node-1");
    }

    List<Traffic.Way> sameNode() {
        return List.of(
                way("veth", FREE, "b", BY_STACK),
                way("veth, accelerated", FREE, "b", ANY),
                way(OWN_NIC_SUBJECT, OWN_NIC, "b", ANY));
    }

    List<Traffic.Way> setUp() {
        return List.of(way("veth", FREE, "b", BY_STACK), way("veth, accelerated", FREE, "b", ANY));
    }

    List<Traffic.Way> across() {
        return List.of(
                way("veth", FREE, "c", BY_STACK),
                way("veth, accelerated", FREE, "c", ANY),
                way(OWN_NIC_SUBJECT, OWN_NIC, "c", ANY));
    }

    List<Traffic.Way> sameNodeJudged() {
        return List.of(way("veth, policy", JUDGED, "b", BY_STACK), way("veth, policy, accelerated", JUDGED, "b", ANY));
    }

    List<Traffic.Way> acrossJudged() {
        return List.of(way("veth, policy", JUDGED, "c", BY_STACK), way("veth, policy, accelerated", JUDGED, "c", ANY));
    }

    private Traffic.Way way(String subject, String namespace, String client, int port) {
        Pod server = pods.get(namespace + "/a");
        return new Traffic.Way(
                subject,
                lab.services(),
                server.netns(),
                pods.get(namespace + "/" + client).netns(),
                server.address(),
                port);
    }

    @Override
    public void close() {
        lab.close();
    }
}
