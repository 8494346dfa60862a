package io.terway.ipam.audit;

import io.smallrye.reactive.messaging.connector.OutboundConnector;
import io.smallrye.reactive.messaging.providers.helpers.MultiUtils;
import io.terway.ipam.config.IpamConfig;
import io.terway.link.RotatingLines;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/**
 * The default end of the audit stream: rotating files in the state directory. Another end takes its place by configuration
 * alone, {@code mp.messaging.outgoing.audit.connector=smallrye-kafka} with a broker and a topic.
 */
@ApplicationScoped
@Connector(AuditFiles.CONNECTOR)
public class AuditFiles implements OutboundConnector {

    static final String CONNECTOR = "terway-files";

    private final RotatingLines lines;

    AuditFiles(IpamConfig config) {
        IpamConfig.Audit audit = config.audit();
        lines = new RotatingLines(
                config.stateDir().resolve("audit"),
                "audit",
                new RotatingLines.Limits(
                        audit.maxFileBytes(), audit.maxFiles(), Duration.ofDays(audit.retentionDays())));
    }

    /** Lines come one at a time on the thread of {@link AuditTrail}, where they are written. */
    @Override
    public Flow.Subscriber<? extends Message<?>> getSubscriber(Config config) {
        return MultiUtils.via(messages -> messages.onItem().invoke(message -> {
            lines.appendOrLose(message.getPayload().toString(), Instant.now());
            message.ack();
        }));
    }

    @PreDestroy
    void close() throws IOException {
        lines.close();
    }
}
