package io.terway.eni.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/**
 * Serves {@code /metrics} under exactly the guide's names. Micrometer adds {@code _total} to every counter; these
 * counters are named without it by the guide, so the suffix is taken off in their HELP, TYPE and sample lines.
 */
@ApplicationScoped
public class Exposition {

    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final int BEFORE_QUARKUS = -100;

    /** Counters whose published name has no {@code _total}. */
    static final List<String> BARE = List.of("terway_api_call_errors", "terway_api_rate_limit_hits");

    private final MeterRegistry registry;

    Exposition(MeterRegistry registry) {
        this.registry = registry;
    }

    void route(@Observes ManagementInterface management) {
        management.router().get("/metrics").order(BEFORE_QUARKUS).blockingHandler(this::serve, false);
    }

    private void serve(RoutingContext request) {
        request.response().putHeader("Content-Type", TEXT).end(rename(scrape()));
    }

    @SuppressWarnings("deprecation") // Quarkus 3.32 brings the registry on the old Prometheus client
    private String scrape() {
        if (registry instanceof CompositeMeterRegistry composite) {
            return composite.getRegistries().stream()
                    .filter(PrometheusMeterRegistry.class::isInstance)
                    .map(PrometheusMeterRegistry.class::cast)
                    .findFirst()
                    .orElseThrow()
                    .scrape();
        }
        return ((PrometheusMeterRegistry) registry).scrape();
    }

    /** The Prometheus text with {@link #BARE} names made bare. */
    static String rename(String text) {
        String renamed = text;
        for (String name : BARE) {
            renamed = renamed.replace(name + "_total{", name + "{").replace(name + "_total ", name + " ");
        }
        return renamed;
    }
}
