package io.terway.link;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What came to the topic of a {@link KafkaBroker}. */
public final class AuditTopic {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private AuditTopic() {}

    /** The first events, oldest first; fewer when not so many come in time. */
    public static List<String> read(String servers, int count) {
        List<String> read = new ArrayList<>();
        Map<String, Object> settings =
                Map.of("bootstrap.servers", servers, "group.id", "test", "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(KafkaBroker.TOPIC));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (read.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(event -> read.add(event.value()));
            }
        }
        return List.copyOf(read);
    }
}
