package io.terway.agent.policy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.DatapathApplier;
import io.terway.agent.apply.OneNode;
import io.terway.agent.sandbox.Datapath;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Binding;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A node whose pods are connected and judged by the agent's own code, in a cluster where their namespace is under policy and
 * nobody says at first by what they are bound.
 */
final class PolicedNode implements AutoCloseable {

    final OneNode node = new OneNode();
    private final DatapathApplier applier;
    private final PolicyModel service;
    private final PolicyParts parts;
    private final Map<SandboxKey, Binding> bound = new HashMap<>();
    private final Datapath datapath;
    private boolean stopped;

    /**
     * @param podCidrs blocks of the node in VPC mode
     * @param below what is between policy and the kernel
     */
    PolicedNode(Path state, List<Cidr> podCidrs, UnaryOperator<Datapath> below)
            throws IOException, InterruptedException {
        node.plugPrimary();
        applier = DatapathApplier.open(node.host);
        applier.ensureNode(new NodeNetwork(List.of(Family.values()), podCidrs, List.of(), true));
        service = new PolicyModel(Updates.full().build());
        parts = new PolicyParts(
                new PolicyParts.Settings(new NodeName("node-1"), "kube-system", state, node.host),
                () -> List.of(service.address()),
                address -> LeaderChannel.to(
                        address,
                        new LeaderChannel.Settings(
                                "kube-system", "terway-policy", Optional.empty(), new Tls.Plaintext())),
                () -> true,
                new SimpleMeterRegistry());
        parts.start(List.of());
        service.next();
        require("".equals(service.next().getAcknowledge().getError()), "the first state is refused");
        datapath = new PolicedDatapath(
                below.apply(Datapath.of(applier)), parts.gate(), key -> Optional.ofNullable(bound.get(key)));
    }

    /** Connects a pod of the namespace "shop". */
    void connect(String name, PodAttachment attachment) {
        require(
                datapath.supported(attachment.connection()).equals(attachment.connection()),
                attachment.connection() + " falls back");
        bound.put(
                attachment.key(),
                Updates.binding(
                        name,
                        attachment.netns(),
                        attachment.addresses().stream().map(Ip::toString).toArray(String[]::new)));
        AddResult added = datapath.add(attachment);
        require(added instanceof AddResult.Plumbed, added);
    }

    /** In force when this returns. */
    void say(PolicyUpdate update) throws InterruptedException {
        service.send(update);
        String error = service.next().getAcknowledge().getError();
        require(error.isEmpty(), error);
    }

    static void require(boolean holds, Object otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** As a death of the agent: the kernel keeps its rules. */
    void stopAgent() {
        if (!stopped) {
            stopped = true;
            parts.close();
        }
    }

    @Override
    public void close() {
        stopAgent();
        service.close();
        applier.close();
        node.close();
    }
}
