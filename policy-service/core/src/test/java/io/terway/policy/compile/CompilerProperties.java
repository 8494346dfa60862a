package io.terway.policy.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.policy.Direction;
import io.terway.policy.Evaluator;
import io.terway.policy.Generated;
import io.terway.policy.GeneratedPolicies;
import io.terway.policy.HttpRule;
import io.terway.policy.Objects;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyNode;
import io.terway.policy.Probe;
import io.terway.policy.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The compiled programs say what the evaluator says, whatever comes, changes and goes, in whatever order. */
class CompilerProperties {

    private static final int CLUSTERS = 500 * Integer.getInteger("test.scale", 1);
    private static final int PROBES = 200;
    private static final int CHANGES = 6;

    private int denied;
    private int byRule;
    private int byRequest;

    @Test
    void aChangingClusterIsJudgedAsTheEvaluatorJudgesIt() {
        for (int seed = 0; seed < CLUSTERS; seed++) {
            new Run(seed).go();
        }
        // A generator that only ever produced one verdict would prove nothing.
        int probes = CLUSTERS * PROBES;
        assertTrue(denied > probes / 20, "denied " + denied);
        assertTrue(byRule > probes / 50, "by rule " + byRule);
        assertTrue(byRequest > probes / 2_000, "by request " + byRequest);
    }

    /** One cluster's life. */
    private final class Run {
        private final int seed;
        private final Random random;
        private final Generated generated;
        private final PolicyCompiler compiler = new PolicyCompiler();
        private final Map<String, Map<String, Object>> objects = new LinkedHashMap<>();
        private final Map<NodeName, AgentModel> agents = new LinkedHashMap<>();
        private final Map<NodeName, NodeView> views = new LinkedHashMap<>();

        Run(int seed) {
            this.seed = seed;
            random = new Random(seed);
            generated = new Generated(random);
        }

        void go() {
            List<Map<String, Object>> start = new ArrayList<>(generated.objects());
            Collections.shuffle(start, random);
            int listenAt = random.nextInt(start.size());
            for (int i = 0; i < start.size(); i++) {
                if (i == listenAt) {
                    listen();
                }
                put(start.get(i));
                if (random.nextInt(4) == 0) {
                    tell();
                }
            }
            compare(PROBES / 2);
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < CHANGES; i++) {
                    change();
                }
                compare(PROBES / 4);
            }
            objects.keySet().stream().toList().forEach(this::remove);
            tell();
            agents.values().forEach(agent -> assertTrue(agent.sets().isEmpty(), "seed " + seed));
            assertEquals(Set.of(0), new HashSet<>(compiler.sizes().values()), "nothing is kept, seed " + seed);
        }

        private void listen() {
            for (String name : List.of("n1", "n2")) {
                views.put(new NodeName(name), compiler.open(new NodeName(name)));
                agents.put(new NodeName(name), new AgentModel());
            }
        }

        private void tell() {
            for (NodeView view : compiler.changedViews()) {
                agents.get(view.node()).apply(view.take());
            }
        }

        private void change() {
            switch (random.nextInt(5)) {
                case 0 -> put(new GeneratedPolicies(random).any(random.nextInt(9)));
                case 1 -> put(generated.pod(random.nextInt(Generated.PODS)));
                case 2 -> put(generated.anyNamespace());
                case 3 -> put(generated.node(1 + random.nextInt(2)));
                default -> {
                    List<String> keys = List.copyOf(objects.keySet());
                    remove(keys.get(random.nextInt(keys.size())));
                }
            }
        }

        private void put(Map<String, Object> object) {
            Map<?, ?> meta = (Map<?, ?>) object.get("metadata");
            String kind = (String) object.get("kind");
            // A pod that moves to another namespace would be two pods of one UID.
            String key = kind + " " + (kind.equals("Pod") ? "" : meta.get("namespace")) + " " + meta.get("name");
            objects.put(key, object);
            PolicyCluster one = Objects.cluster(List.of(object));
            one.namespaces().forEach(compiler::putNamespace);
            one.nodes().forEach(compiler::putNode);
            one.pods().forEach(compiler::putPod);
            one.policies().forEach(compiler::putPolicy);
        }

        private void remove(String key) {
            PolicyCluster one = Objects.cluster(List.of(objects.remove(key)));
            one.namespaces().keySet().forEach(compiler::removeNamespace);
            one.nodes().forEach(node -> compiler.removeNode(node.name()));
            one.pods().forEach(pod -> compiler.removePod(pod.uid()));
            one.policies().forEach(policy -> compiler.removePolicy(policy.id()));
        }

        private void compare(int probes) {
            tell();
            PolicyCluster cluster = Objects.cluster(List.copyOf(objects.values()));
            var evaluator = new Evaluator(cluster);
            for (int i = 0; i < probes; i++) {
                Probe probe = generated.probe();
                Verdict verdict = evaluator.judge(probe);
                compare(cluster, Direction.INGRESS, probe, verdict.ingress());
                compare(cluster, Direction.EGRESS, probe, verdict.egress());
                denied += verdict.allowed() ? 0 : 1;
                byRule += verdict.ingress().reason() == Verdict.Reason.RULE ? 1 : 0;
                byRequest += verdict.ingress().l7().isEmpty() ? 0 : 1;
            }
        }

        private void compare(PolicyCluster cluster, Direction direction, Probe probe, Verdict.Side expected) {
            for (Map.Entry<NodeName, AgentModel> agent : agents.entrySet()) {
                List<Ip> addresses = cluster.nodes().stream()
                        .filter(node -> node.name().equals(agent.getKey()))
                        .map(PolicyNode::addresses)
                        .findFirst()
                        .orElse(List.of());
                Optional<AgentModel.Decision> decision = agent.getValue().judge(direction, probe, addresses);
                Set<HttpRule> requests = new HashSet<>();
                expected.l7().forEach(http -> requests.addAll(http.requests()));
                decision.ifPresent(found -> assertEquals(
                        new AgentModel.Decision(expected.allowed(), requests),
                        found,
                        () -> "seed " + seed + ": " + direction + " of " + probe + ": " + expected + " in " + cluster));
            }
        }
    }
}
