package io.terway.eni.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.grpc.TwinResource;
import io.terway.link.AuditTopic;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The audit stream into a real broker, by configuration alone. */
@QuarkusTest
@TestProfile(KafkaAuditIT.ToKafka.class)
@QuarkusTestResource(value = TwinResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = KafkaResource.class, restrictToAnnotatedClass = true)
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

        List<String> read =
                AuditTopic.read(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class), 100);

        assertEquals(100, read.size());
        assertEquals(
                "{\"at\":\"1970-01-01T00:00:00Z\",\"event\":\"cloud\",\"term\":7,\"action\":\"CreateNetworkInterface\","
                        + "\"subject\":\"eni-0\",\"outcome\":\"ok\",\"millis\":12}",
                read.getFirst());
        assertFalse(Files.exists(config.stateDir().resolve("audit")), "the file is another end");
    }
}
