package io.terway.ipam.audit;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Outgoing;

/** Writes binds and releases out as JSON, away from the thread that serves requests, one at a time and in order. */
@ApplicationScoped
public class AuditTexts {

    @Incoming(AuditTrail.LINES)
    @Outgoing(AuditTrail.CHANNEL)
    @Blocking
    public String text(AuditLine line) {
        return line.json();
    }
}
