package io.terway.ipam.grpc;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.ipam.Census;
import io.terway.ipam.leader.Figures;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What Prometheus sees. Every series exists from the start; counters get {@code _total} from the exposition, gauges nothing. */
final class IpamMetrics {

    private final Map<String, Counter> allocations;

    IpamMetrics(MeterRegistry registry, Supplier<Figures> figures, Supplier<Number> leading) {
        allocations = Stream.of("proposed", "pending", "refused", "rejected")
                .collect(Collectors.toMap(
                        outcome -> outcome,
                        outcome -> registry.counter("terway_ipam_allocations", "outcome", outcome)));
        Gauge.builder("terway_ipam_leader", leading).register(registry);
        gauge(registry, "terway_ipam_sessions", figures, Figures::sessions);
        gauge(registry, "terway_ipam_pending", figures, Figures::waiting);
        gauge(registry, "terway_ipam_nodes", figures, Figures::nodes);
        gauge(registry, "terway_ipam_fixed_kept", figures, Figures::fixed);
        gauge(registry, "terway_ipam_fixed_bound", figures, Figures::fixedBound);
        for (Census.Kind kind : Census.Kind.values()) {
            Gauge.builder(
                            "terway_ipam_addresses",
                            figures,
                            supplier -> supplier.get().addresses().getOrDefault(kind, 0))
                    .tag("state", kind.name().toLowerCase(Locale.ROOT))
                    .strongReference(true)
                    .register(registry);
        }
    }

    void allocation(String outcome) {
        allocations.get(outcome).increment();
    }

    private static void gauge(
            MeterRegistry registry, String name, Supplier<Figures> figures, ToDoubleFunction<Figures> value) {
        Gauge.builder(name, figures, supplier -> value.applyAsDouble(supplier.get()))
                .strongReference(true)
                .register(registry);
    }
}
