package io.terway.eni.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Consumer;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

/** The beginning of the audit stream. It never blocks and never fails a caller: what does not fit is counted. */
@ApplicationScoped
public class AuditTrail implements Consumer<AuditEvent> {

    public static final String CHANNEL = "audit";

    /** Events that may wait for the sink. */
    static final int BUFFER = 4096;

    private final Emitter<String> emitter;
    private final Counter dropped;

    AuditTrail(
            @Channel(CHANNEL) @OnOverflow(value = OnOverflow.Strategy.BUFFER, bufferSize = BUFFER)
                    Emitter<String> emitter,
            MeterRegistry metrics) {
        this.emitter = emitter;
        dropped = Counter.builder("terway.audit.dropped")
                .description("Audit events that did not fit into the buffer")
                .register(metrics);
    }

    @Override
    public void accept(AuditEvent event) {
        try {
            emitter.send(event.toJson());
        } catch (IllegalStateException full) {
            dropped.increment();
        }
    }
}
