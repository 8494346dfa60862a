package io.terway.e2e.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.agent.policy.PolicyParts;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import io.terway.policy.Direction;
import io.terway.policy.Evaluator;
import io.terway.policy.Generated;
import io.terway.policy.Objects;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyPod;
import io.terway.policy.Probe;
import io.terway.policy.Protocol;
import io.terway.policy.Verdict;
import io.terway.policy.compile.CompiledJudge;
import io.terway.policy.grpc.CompiledStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The third judge: generated clusters go through the real compiler, its stream and the tables of two real agents, one
 * after the other, and packets tell what is enforced.
 */
class ThreeJudgesPrivilegedIT {

    private static final int CLUSTERS = 10 * Integer.getInteger("test.scale", 1);
    private static final int PROBES = 60;
    private static final int[] PORTS = {53, 80, 81, 443, 8080};

    /** A cluster with fewer has little to say. */
    private static final int POLICIES = 4;

    @TempDir
    private Path state;

    private TwoNodes network;
    private Volley volley;
    private CompiledStream service;
    private final List<PolicyParts> agents = new ArrayList<>();
    private final Map<SandboxKey, PolicyParts> admitted = new HashMap<>();

    /** Number of the node on which each pod address lives. */
    private final Map<Ip, Integer> homes = new HashMap<>();

    private final Map<Verdict.Reason, Integer> reasons = new EnumMap<>(Verdict.Reason.class);
    private final Map<Protocol, Integer> passed = new EnumMap<>(Protocol.class);
    private final Map<Protocol, Integer> dropped = new EnumMap<>(Protocol.class);

    @BeforeEach
    void connect() throws IOException, InterruptedException {
        network = new TwoNodes();
        volley = new Volley(network.namespaces(), PORTS);
        service = new CompiledStream();
        for (int n = 1; n <= TwoNodes.NODES; n++) {
            var agent = new PolicyParts(
                    new PolicyParts.Settings(new NodeName("n" + n), "kube-system", directory("n" + n), network.node(n)),
                    () -> List.of(service.address()),
                    address -> LeaderChannel.to(
                            address,
                            new LeaderChannel.Settings(
                                    "kube-system", "terway-policy", Optional.empty(), new Tls.Plaintext())),
                    () -> true,
                    new SimpleMeterRegistry());
            agents.add(agent);
            agent.start(List.of());
        }
        service.awaitAgents(TwoNodes.NODES);
    }

    @AfterEach
    void leaveNothing() {
        agents.forEach(PolicyParts::close);
        if (service != null) {
            service.close();
        }
        if (volley != null) {
            volley.close();
        }
        if (network != null) {
            network.close();
        }
    }

    @Test
    void packetsGoWhereEvaluatorAndCompilerSay() throws InterruptedException {
        int judged = 0;
        for (int seed = 0; judged < CLUSTERS; seed++) {
            Random random = new Random(2_000_000L + seed);
            Generated generated = new Generated(random);
            List<Map<String, Object>> objects = stamped(generated.objects(), seed);
            PolicyCluster cluster = Objects.cluster(objects);
            if (cluster.policies().size() >= POLICIES) {
                judge(seed, generated, cluster, objects);
                judged++;
            }
        }
        // Clusters in which everything passes, or nothing does, would prove nothing.
        for (Verdict.Reason reason : Verdict.Reason.values()) {
            assertTrue(reasons.getOrDefault(reason, 0) > 0, reason + " in " + reasons);
        }
        for (Protocol protocol : Protocol.values()) {
            assertTrue(passed.getOrDefault(protocol, 0) >= CLUSTERS, protocol + " passed: " + passed);
            assertTrue(dropped.getOrDefault(protocol, 0) >= CLUSTERS, protocol + " dropped: " + dropped);
        }
    }

    private void judge(int seed, Generated generated, PolicyCluster cluster, List<Map<String, Object>> objects)
            throws InterruptedException {
        // A connection of a pod that left must not end one of the next pod with its address.
        network.greet(homes);
        admitted.forEach((key, agent) -> agent.gate().leave(key));
        admitted.clear();
        network.awaitForgotten(homes);
        homes.clear();
        service.become(cluster);
        cluster.pods().stream().filter(pod -> lives(pod)).forEach(pod -> {
            int node = node(pod);
            pod.ips().forEach(ip -> homes.put(ip, node));
            Binding binding = binding(pod);
            admitted.put(binding.key(), agents.get(node - 1));
            agents.get(node - 1).gate().admit(binding, false);
        });
        network.settle(homes);
        network.forgetConnections();

        Evaluator evaluator = new Evaluator(cluster);
        List<Probe> probes = probes(generated, cluster);
        Set<Probe> expected = new HashSet<>();
        for (Probe probe : probes) {
            Verdict verdict = evaluator.judge(probe);
            reasons.merge(verdict.ingress().reason(), 1, Integer::sum);
            reasons.merge(verdict.egress().reason(), 1, Integer::sum);
            (verdict.allowed() ? passed : dropped).merge(probe.protocol(), 1, Integer::sum);
            if (verdict.allowed()) {
                expected.add(probe);
            }
        }

        Set<Probe> arrived = volley.fire(probes, ip -> namespace(ip), expected);

        CompiledJudge compiled = new CompiledJudge(cluster);
        for (Probe probe : probes) {
            assertEquals(
                    expected.contains(probe),
                    arrived.contains(probe),
                    () -> "cluster seed " + seed + ", " + probe + ": packets pass or not against "
                            + evaluator.judge(probe)
                            + "; compiled: egress " + compiled.allows(Direction.EGRESS, probe) + ", ingress "
                            + compiled.allows(Direction.INGRESS, probe) + "; refused: " + volley.refusals + "; in "
                            + objects);
        }
    }

    /** Every pod's own, so that a pod of one cluster is none of the next. */
    private static List<Map<String, Object>> stamped(List<Map<String, Object>> objects, int seed) {
        for (Map<String, Object> object : objects) {
            if (object.get("kind").equals("Pod")) {
                Map<String, Object> metadata = Objects.tree(object.get("metadata"));
                metadata.put("uid", metadata.get("uid") + "-" + seed);
            }
        }
        return objects;
    }

    /** Distinct ones whose ends both are somewhere where policy can be enforced; not all of them between strangers. */
    private static List<Probe> probes(Generated generated, PolicyCluster cluster) {
        Set<Ip> unscheduled = new HashSet<>();
        Set<Ip> pods = new HashSet<>();
        cluster.pods().stream()
                .filter(PolicyPod::selectable)
                .forEach(pod -> (lives(pod) ? pods : unscheduled).addAll(pod.ips()));
        Set<Probe> out = new LinkedHashSet<>();
        for (int tries = 0; out.size() < PROBES && tries < 100 * PROBES; tries++) {
            Probe probe = generated.probe();
            if (!unscheduled.contains(probe.from())
                    && !unscheduled.contains(probe.to())
                    && (pods.contains(probe.from()) || pods.contains(probe.to()))) {
                out.add(probe);
            }
        }
        return List.copyOf(out);
    }

    /** True when an agent has it. */
    private static boolean lives(PolicyPod pod) {
        return pod.selectable() && pod.node().isPresent() && !pod.ips().isEmpty();
    }

    private static int node(PolicyPod pod) {
        return Integer.parseInt(pod.node().orElseThrow().value().substring(1));
    }

    private static int index(PolicyPod pod) {
        return Integer.parseInt(pod.ref().name().substring(1));
    }

    private Binding binding(PolicyPod pod) {
        EniId eni = new EniId("eni-a");
        return new Binding(
                new SandboxKey("terway", "sandbox-" + pod.uid(), "eth0"),
                new PodLife(pod.ref(), pod.uid()),
                network.pod(index(pod)),
                pod.ips().stream().map(ip -> new HeldAddress(ip, eni)).toList(),
                false,
                new BootTime("b0071d00-0000-4000-8000-000000000001", Duration.ZERO),
                1);
    }

    private Path namespace(Ip ip) {
        for (int n = 1; n <= TwoNodes.NODES; n++) {
            if (ip.equals(Ip.parse("10.0.0." + n)) || ip.equals(Ip.parse("fd00::" + n))) {
                return network.node(n);
            }
        }
        if (homes.containsKey(ip)) {
            for (int i = 0; i < Generated.PODS; i++) {
                if (ip.equals(TwoNodes.four(i)) || ip.equals(TwoNodes.six(i))) {
                    return network.pod(i);
                }
            }
        }
        return network.node(TwoNodes.NOWHERE);
    }

    private Path directory(String name) throws IOException {
        return java.nio.file.Files.createDirectory(state.resolve(name));
    }
}
