package io.terway.eni.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.eni.Action;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * The guide's meters of the cloud side. Every one exists at 0 from the start, as alerts divide them. Latencies are in
 * milliseconds.
 */
public final class CloudMetrics {

    /** Bucket bounds in milliseconds that the guide's alerts and dashboards need. */
    public static final double[] BOUNDS_MS = {1, 2, 5, 10, 20, 40, 100, 500, 1000, 3000, 5000, 10_000};

    private record Meters(Counter total, Counter errors, Counter throttled, DistributionSummary latency) {}

    private final Map<Action, Meters> byAction = new EnumMap<>(Action.class);
    private final DistributionSummary eniCreate;

    public CloudMetrics(MeterRegistry registry) {
        for (Action action : Action.values()) {
            byAction.put(action, meters(registry, action.apiName()));
        }
        eniCreate = summary("terway.eni.create.latency", "Time from order to InUse of an ENI, ms")
                .register(registry);
    }

    private static Meters meters(MeterRegistry registry, String api) {
        return new Meters(
                counter("terway.api.call", "Calls to the cloud API", api).register(registry),
                counter("terway.api.call.errors", "Calls to the cloud API that failed", api)
                        .register(registry),
                counter("terway.api.rate.limit.hits", "Calls throttled by the cloud or held back by our own limit", api)
                        .register(registry),
                summary("terway.api.call.latency", "Time of one call to the cloud API, ms")
                        .tag("api", api)
                        .register(registry));
    }

    private static Counter.Builder counter(String name, String what, String api) {
        return Counter.builder(name).description(what).tag("api", api);
    }

    private static DistributionSummary.Builder summary(String name, String what) {
        return DistributionSummary.builder(name).description(what).serviceLevelObjectives(BOUNDS_MS);
    }

    public void called(Action action, Duration took) {
        byAction.get(action).total.increment();
        byAction.get(action).latency.record(took.toNanos() / 1e6);
    }

    public void failed(Action action) {
        byAction.get(action).errors.increment();
    }

    public void rateLimited(Action action) {
        byAction.get(action).throttled.increment();
    }

    public void eniCreated(Duration took) {
        eniCreate.record(took.toNanos() / 1e6);
    }
}
