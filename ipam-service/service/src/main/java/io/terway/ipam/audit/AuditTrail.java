package io.terway.ipam.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.ipam.IpamCommand;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

/** Hands binds and releases to the audit channel without waiting: what does not fit is counted, the request goes on. */
@ApplicationScoped
public class AuditTrail {

    /** Where the audit stream leaves this process, named as in eni-manager. */
    static final String CHANNEL = "audit";

    static final String LINES = "binds-and-releases";

    /** Lines that wait for the disk. */
    static final int WAITING = 65_536;

    private final Emitter<AuditLine> emitter;
    private final Counter dropped;

    AuditTrail(
            @Channel(LINES) @OnOverflow(value = OnOverflow.Strategy.BUFFER, bufferSize = WAITING)
                    Emitter<AuditLine> emitter,
            MeterRegistry registry) {
        this.emitter = emitter;
        dropped = registry.counter("terway_ipam_audit_dropped");
    }

    public void write(IpamCommand.Audit audit) {
        try {
            emitter.send(AuditLine.of(audit, Instant.now()));
        } catch (IllegalStateException e) { // the buffer is full, or the process stops
            dropped.increment();
        }
    }
}
