package io.terway.agent.policy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.terway.net.NodeName;
import java.time.Duration;
import java.util.function.LongSupplier;

/** What Prometheus sees of policy on this node. */
final class PolicyMetrics {

    private final MeterRegistry registry;
    private final Tags tags;
    private final Timer changes;
    private final Counter repairs;

    PolicyMetrics(MeterRegistry registry, NodeName node) {
        this.registry = registry;
        tags = Tags.of("node", node.value());
        changes = Timer.builder("terway_policy_change")
                .description("Seconds from a change to the kernel having it")
                .tags(tags)
                .register(registry);
        repairs = Counter.builder("terway_policy_repairs")
                .description("Changes of others to our nftables table that were undone")
                .tags(tags)
                .register(registry);
    }

    void inStep(int transactions, int repaired, Duration took) {
        if (transactions > 0) {
            changes.record(took);
        }
        repairs.increment(repaired);
    }

    void cuts(LongSupplier total) {
        FunctionCounter.builder("terway_policy_connections_cut", total, LongSupplier::getAsLong)
                .description("Open connections that a policy change forbade and ended")
                .tags(tags)
                .register(registry);
    }
}
