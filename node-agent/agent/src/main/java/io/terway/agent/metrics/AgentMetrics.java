package io.terway.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.terway.cni.CniVerb;
import io.terway.net.NodeName;
import io.terway.wire.agent.v1.PoolSummary;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The meters of one node. Gauges read the ledger when they are scraped. */
public final class AgentMetrics {

    /** Milliseconds; the guide's alerts look at 3000. */
    private static final double[] BUCKETS = {1, 2, 5, 10, 20, 40, 100, 500, 1000, 3000, 5000, 10_000};

    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<CniVerb, DistributionSummary> latency = new EnumMap<>(CniVerb.class);
    private final Map<CniVerb, Counter> failures = new EnumMap<>(CniVerb.class);
    private final Counter allocations;

    /** What the gauges show. */
    public record Figures(PoolSummary pool, int enis, int attached, int fixed, int accelerated) {}

    public AgentMetrics(MeterRegistry registry, NodeName node, Supplier<Figures> figures) {
        this.registry = registry;
        this.tags = Tags.of("node", node.value());
        allocations = Counter.builder("terway_ip_allocations")
                .description("Addresses given to pod sandboxes")
                .tags(tags)
                .register(registry);
        for (CniVerb verb : CniVerb.values()) {
            if (verb != CniVerb.VERSION) { // the plugin answers it alone
                latency.put(verb, latency(verb));
                failures.put(verb, failures(verb));
            }
        }
        gauge(
                "terway_ip_pool_total",
                "Addresses held: allocated and available",
                figures,
                f -> f.pool().getTotal());
        gauge(
                "terway_ip_pool_allocated",
                "Addresses held by pods",
                figures,
                f -> f.pool().getAllocated());
        gauge(
                "terway_ip_pool_available",
                "Addresses ready for pods",
                figures,
                f -> f.pool().getAvailable());
        gauge(
                "terway_ip_pool_cooling",
                "Freed addresses in their cool-down",
                figures,
                f -> f.pool().getCooling());
        gauge("terway_ip_pool_utilization", "Allocated of total, percent", figures, AgentMetrics::utilization);
        gauge(
                "terway_ip_pool_capacity",
                "Addresses the instance could hold for pods; 0: unknown",
                figures,
                f -> f.pool().getCapacity());
        gauge("terway_eni_total", "ENIs of the node for pods", figures, Figures::enis);
        gauge("terway_eni_attached", "ENIs whose link is up", figures, Figures::attached);
        gauge(
                "terway_eni_ip_count",
                "Addresses on the node's ENIs for pods",
                figures,
                f -> f.pool().getTotal() + f.pool().getCooling());
        gauge("terway_pod_bindable_count", "Pods with a fixed address", figures, Figures::fixed);
        gauge("terway_pod_bindable_ips", "Fixed addresses bound on this node", figures, Figures::fixed);
        gauge(
                "terway_accelerated_connections",
                "Connections of pods that skip the host's stack",
                figures,
                Figures::accelerated);
    }

    /** Percent, as the guide's alerts compare it; 0 when nothing is held. */
    static double utilization(Figures figures) {
        int total = figures.pool().getTotal();
        return total == 0 ? 0 : 100.0 * figures.pool().getAllocated() / total;
    }

    /** Counts a CNI call. */
    public void called(CniVerb verb, boolean success, Duration took) {
        DistributionSummary summary = latency.get(verb);
        if (summary == null) {
            return;
        }
        summary.record(took.toNanos() / 1e6);
        if (!success) {
            failures.get(verb).increment();
        } else if (verb == CniVerb.ADD) {
            allocations.increment();
        }
    }

    private void gauge(String name, String help, Supplier<Figures> figures, ToDoubleFunction<Figures> look) {
        Gauge.builder(name, figures, f -> look.applyAsDouble(f.get()))
                .description(help)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private DistributionSummary latency(CniVerb verb) {
        return DistributionSummary.builder("terway_cni_operation_latency")
                .description("Milliseconds a CNI call took in the agent")
                .tags(tags.and("operation", verb.name()))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private Counter failures(CniVerb verb) {
        return Counter.builder("terway_cni_operation_errors")
                .description("CNI calls that were refused or failed")
                .tags(tags.and("operation", verb.name()))
                .register(registry);
    }
}
