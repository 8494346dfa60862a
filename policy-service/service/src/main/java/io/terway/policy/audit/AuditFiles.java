package io.terway.policy.audit;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.reactive.messaging.connector.OutboundConnector;
import io.smallrye.reactive.messaging.providers.helpers.MultiUtils;
import io.terway.link.RotatingLines;
import io.terway.policy.config.PolicyConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
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

    AuditFiles(PolicyConfig config) {
        PolicyConfig.Audit audit = config.audit();
        lines = new RotatingLines(
                Path.of(config.stateDir().orElse("/var/lib/terway-policy")).resolve("audit"),
                "audit",
                new RotatingLines.Limits(
                        audit.maxFileBytes(), audit.maxFiles(), Duration.ofDays(audit.retentionDays())));
    }

    /** One line at a time, on a worker thread. */
    @Override
    public Flow.Subscriber<? extends Message<?>> getSubscriber(Config config) {
        return MultiUtils.via(messages -> messages.onItem()
                .transformToUniAndConcatenate(message -> Uni.createFrom()
                        .item(() -> write(message))
                        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                        .onItem()
                        .transformToUni(written -> Uni.createFrom().completionStage(written.ack()))));
    }

    /** A full disk loses audit lines, never the report. */
    private <T> Message<T> write(Message<T> message) {
        lines.appendOrLose(message.getPayload().toString(), Instant.now());
        return message;
    }
}
