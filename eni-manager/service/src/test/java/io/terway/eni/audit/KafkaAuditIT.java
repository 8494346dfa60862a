package io.terway.eni.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.grpc.TwinResource;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The audit stream into a real broker, by configuration alone. */
@QuarkusTest
@TestProfile(KafkaAuditIT.ToKafka.class)
@QuarkusTestResource(value = TwinResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = KafkaBroker.class, restrictToAnnotatedClass = true)
class KafkaAuditIT {

    /** A run of its own, as the broker's address is a setting. */
    public static final class ToKafka implements QuarkusTestProfile {}

    @Inject
    AuditTrail audit;

    @Inject
    EniManagerConfig config;

    @Test
    void eventsGoToTheBrokerAndNotToTheFile() {
        for (int i = 0; i < 100; i++) {
            audit.accept(new AuditEvent(Instant.EPOCH, 7, "CreateNetworkInterface", "eni-" + i, "ok", 12));
        }

        List<String> read = new ArrayList<>();
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class),
                "group.id", "test",
                "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("terway-audit"));
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (read.size() < 100 && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(event -> read.add(event.value()));
            }
        }

        assertEquals(100, read.size());
        assertEquals(
                "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"cloud\",\"term\":7,\"action\":\"CreateNetworkInterface\","
                        + "\"subject\":\"eni-0\",\"outcome\":\"ok\",\"millis\":12}",
                read.getFirst());
        assertFalse(Files.exists(config.stateDir().resolve("audit")), "the file is another end");
    }
}
