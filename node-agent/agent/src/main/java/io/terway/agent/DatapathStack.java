package io.terway.agent;

import io.terway.agent.apply.DatapathApplier;
import io.terway.agent.apply.PriorityQueues;
import io.terway.agent.apply.PublishedPorts;
import io.terway.agent.apply.ShapedDatapath;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.node.Chain;
import io.terway.agent.node.FallbackEvents;
import io.terway.agent.node.PortEvents;
import io.terway.agent.pods.PodCache;
import io.terway.agent.policy.PolicedDatapath;
import io.terway.agent.policy.PolicyGate;
import io.terway.agent.sandbox.Datapath;
import io.terway.link.Notice;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The datapath in its layers. From the kernel upwards: links and routes, rates, priorities, ports of the node; policy is
 * the outermost, because it must be in force before the first packet.
 */
final class DatapathStack {

    private DatapathStack() {}

    /** @param believed whether the ledger knows of everybody on this node */
    static Datapath of(
            DatapathApplier applier,
            NodeName node,
            Consumer<Notice> notices,
            Ledger ledger,
            BooleanSupplier believed,
            PodCache pods,
            Chain chain,
            PolicyGate gate) {
        Path host = DatapathApplier.HOST;
        Datapath kernel = new FallbackEvents(node, Datapath.of(applier), notices);
        Datapath shaped = new ShapedDatapath(host, kernel, pods::bandwidth, () -> chain.has("bandwidth"));
        Datapath prioritised = new PriorityQueues(
                host,
                shaped,
                () -> ledger.read(s -> s.config())
                        .filter(c -> c.options().networkPriority())
                        .isPresent(),
                () -> ledger.read(s -> List.copyOf(s.bindings())),
                ip -> ledger.read(s -> s.holder(ip)).map(Binding::key),
                pods::networkPriority);
        Datapath published = new PublishedPorts(
                host,
                prioritised,
                () -> ledger.read(s -> s.bindings().stream()
                        .flatMap(b -> b.published().stream())
                        .toList()),
                key -> ledger.read(s -> s.binding(key)).flatMap(Binding::published),
                believed);
        Datapath told = new PortEvents(host, published, key -> ledger.read(s -> s.binding(key)), notices);
        return new PolicedDatapath(told, gate, key -> ledger.read(s -> s.binding(key)));
    }
}
