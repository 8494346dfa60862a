package io.terway.agent.policy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.terway.net.NodeName;
import io.terway.node.policy.Direction;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What Prometheus sees of policy on this node. */
final class PolicyMetrics {

    /** Policies that have series of their own. */
    private static final int MOST_SERIES = 1_000;

    private final Set<String> series = new HashSet<>();
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

    /** Counts one told packet; past the bound of series policies are told together. */
    synchronized void denied(Direction direction, String namespace, String policy) {
        boolean room = series.size() < MOST_SERIES || series.contains(policy);
        String shown = room ? policy : "others";
        series.add(shown);
        Counter.builder("terway_policy_denied")
                .description("Dropped packets in the kernel's sample, by the policy that denied them")
                .tags(tags.and("direction", direction.word(), "namespace", room ? namespace : "", "policy", shown))
                .register(registry)
                .increment();
    }

    /** @param owed addresses that the kernel would not let us cut */
    void cuts(LongSupplier total, IntSupplier owed) {
        Gauge.builder("terway_policy_cuts_owed", owed::getAsInt)
                .description(
                        "Pod addresses whose forbidden connections may live on, because the kernel refused to end them")
                .tags(tags)
                .register(registry);
        FunctionCounter.builder("terway_policy_connections_cut", total, LongSupplier::getAsLong)
                .description("Open connections that a policy change forbade and ended")
                .tags(tags)
                .register(registry);
    }
}
