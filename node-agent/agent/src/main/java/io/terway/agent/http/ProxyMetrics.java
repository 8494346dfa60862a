package io.terway.agent.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.terway.net.NodeName;
import io.terway.node.http.Ruling;
import io.terway.node.policy.Flow;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;

/** What Prometheus sees of the HTTP proxy. */
final class ProxyMetrics {

    private final MeterRegistry registry;
    private final Tags tags;
    private final Counter accepted;
    private final Counter refused;
    private final Counter malformed;
    private final Counter failed;
    private final BiConsumer<Flow, Ruling.Refused> refusals;

    /** @param refusals told of each request that policy refuses */
    ProxyMetrics(MeterRegistry registry, NodeName node, BiConsumer<Flow, Ruling.Refused> refusals) {
        this.registry = registry;
        this.refusals = refusals;
        tags = Tags.of("node", node.value());
        accepted = requests("accepted");
        refused = requests("refused");
        malformed = requests("malformed");
        failed = requests("failed");
    }

    private Counter requests(String verdict) {
        return Counter.builder("terway_policy_l7_requests")
                .description("HTTP requests that the node's proxy judged, by what became of them")
                .tags(tags.and("verdict", verdict))
                .register(registry);
    }

    void connections(IntSupplier open) {
        Gauge.builder("terway_policy_l7_connections", open, IntSupplier::getAsInt)
                .description("Connections that the node's HTTP proxy holds")
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    void accepted() {
        accepted.increment();
    }

    void refused(Flow flow, Ruling.Refused ruling) {
        refused.increment();
        refusals.accept(flow, ruling);
    }

    void malformed() {
        malformed.increment();
    }

    /** The server did not answer, or not in HTTP. */
    void failed() {
        failed.increment();
    }
}
