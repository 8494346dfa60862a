package io.terway.policy.compile;

import io.terway.policy.Direction;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyNode;
import io.terway.policy.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A whole cluster compiled and told to its nodes, as one judge. */
public final class CompiledJudge {

    private record Told(PolicyNode node, AgentModel agent) {}

    private final List<Told> nodes = new ArrayList<>();

    public CompiledJudge(PolicyCluster cluster) {
        var compiler = new PolicyCompiler();
        cluster.namespaces().forEach(compiler::putNamespace);
        cluster.nodes().forEach(compiler::putNode);
        cluster.pods().forEach(compiler::putPod);
        cluster.policies().forEach(compiler::putPolicy);
        for (PolicyNode node : cluster.nodes()) {
            var agent = new AgentModel();
            agent.apply(compiler.open(node.name()).take());
            nodes.add(new Told(node, agent));
        }
    }

    /** What the node of the pod on that side does; no pod there is no obstacle. */
    public boolean allows(Direction direction, Probe probe) {
        return nodes.stream()
                .map(told -> told.agent().judge(direction, probe, told.node().addresses()))
                .flatMap(Optional::stream)
                .allMatch(AgentModel.Decision::allowed);
    }
}
