package io.terway.eni.audit;

import io.smallrye.reactive.messaging.annotations.Blocking;
import io.terway.eni.config.EniManagerConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** The default end of the audit stream: files in the state directory. */
@ApplicationScoped
public class AuditSink {

    private static final Logger LOG = Logger.getLogger(AuditSink.class);

    private final AuditFile file;
    private boolean failing;

    AuditSink(EniManagerConfig config) {
        file = new AuditFile(
                config.stateDir().resolve("audit"),
                config.audit().maxFileBytes(),
                config.audit().maxFiles());
    }

    /** One event at a time, on a worker thread. A full disk loses audit lines, never the operation. */
    @Incoming(AuditTrail.CHANNEL)
    @Blocking
    public void write(AuditEvent event) {
        try {
            file.append(event);
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.warnf("audit events are not written to disk: %s", e);
            }
            failing = true;
        }
    }
}
