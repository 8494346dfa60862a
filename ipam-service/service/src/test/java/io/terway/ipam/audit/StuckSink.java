package io.terway.ipam.audit;

import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.connector.OutboundConnector;
import io.smallrye.reactive.messaging.providers.helpers.MultiUtils;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/** An end of the audit stream that takes a line and keeps it until the test lets go, as a broker does that has died. */
@ApplicationScoped
@Connector(StuckSink.CONNECTOR)
public class StuckSink implements OutboundConnector {

    static final String CONNECTOR = "stuck";

    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private final Queue<String> written = new ConcurrentLinkedQueue<>();

    @Override
    public Flow.Subscriber<? extends Message<?>> getSubscriber(Config config) {
        return MultiUtils.via(messages -> messages.onItem()
                .transformToUniAndConcatenate(message -> Uni.createFrom()
                        .completionStage(released)
                        .invoke(() -> written.add(message.getPayload().toString()))
                        .chain(() -> Uni.createFrom().completionStage(message.ack()))));
    }

    void letGo() {
        released.complete(null);
    }

    /** Lines that arrived, in their order. */
    Queue<String> written() {
        return written;
    }
}
