package io.terway.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The compiled programs say what the evaluator says, on generated clusters. */
class CompilerProperties {

    private static final int CLUSTERS = 500;
    private static final int PROBES = 200;

    @Test
    void compiledVerdictEqualsTheEvaluators() {
        int denied = 0;
        int allowedByRule = 0;
        for (int seed = 0; seed < CLUSTERS; seed++) {
            var random = new Random(seed);
            PolicyCluster cluster = GeneratedCluster.of(random);
            var evaluator = new Evaluator(cluster);
            Map<NodeName, NodePrograms> compiled = compile(cluster);
            for (int i = 0; i < PROBES; i++) {
                Probe probe = GeneratedCluster.probe(random);
                Verdict expected = evaluator.judge(probe);
                assertEquals(
                        expected.ingress().allowed(),
                        allows(cluster, compiled, Direction.INGRESS, probe),
                        () -> "ingress of " + probe + ": " + expected.ingress() + " in " + cluster);
                assertEquals(
                        expected.egress().allowed(),
                        allows(cluster, compiled, Direction.EGRESS, probe),
                        () -> "egress of " + probe + ": " + expected.egress() + " in " + cluster);
                denied += expected.allowed() ? 0 : 1;
                allowedByRule += expected.ingress().reason() == Verdict.Reason.RULE ? 1 : 0;
            }
        }
        // A generator that only ever produced one verdict would prove nothing.
        assertTrue(denied > CLUSTERS * PROBES / 20, "denied " + denied);
        assertTrue(allowedByRule > CLUSTERS * PROBES / 50, "allowed by rule " + allowedByRule);
    }

    private static Map<NodeName, NodePrograms> compile(PolicyCluster cluster) {
        var compiler = new PolicyCompiler(cluster);
        Map<NodeName, NodePrograms> out = new HashMap<>();
        cluster.nodes().keySet().forEach(node -> out.put(node, compiler.compile(node)));
        return out;
    }

    /** What a node that enforces these programs does with the connection: the datapath's part, said in Java. */
    private static boolean allows(
            PolicyCluster cluster, Map<NodeName, NodePrograms> compiled, Direction direction, Probe probe) {
        Ip own = direction == Direction.INGRESS ? probe.to() : probe.from();
        Ip other = direction == Direction.INGRESS ? probe.from() : probe.to();
        for (Map.Entry<NodeName, NodePrograms> node : compiled.entrySet()) {
            for (NodePrograms.Bound pod : node.getValue().pods().values()) {
                if (!pod.ips().contains(own)) {
                    continue;
                }
                List<Ip> nodeAddresses = cluster.nodes().get(node.getKey());
                if (pod.ips().contains(other) || nodeAddresses.contains(other)) {
                    return true;
                }
                Optional<Program> program = direction == Direction.INGRESS ? pod.ingress() : pod.egress();
                return program.isEmpty() || program.get().allows(other, probe.protocol(), probe.port());
            }
        }
        return true;
    }
}
