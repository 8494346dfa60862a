package io.terway.ipam.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.terway.ipam.Holder;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.LedgerEvent;
import io.terway.ipam.config.IpamConfig;
import io.terway.ipam.grpc.ClusterModel;
import io.terway.link.AuditTopic;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** Binds and releases into a real broker, by configuration alone. */
@QuarkusTest
@TestProfile(KafkaAuditIT.ToKafka.class)
@QuarkusTestResource(value = ClusterModel.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = KafkaResource.class, restrictToAnnotatedClass = true)
class KafkaAuditIT {

    /** A run of its own, as the broker's address is a setting. */
    public static final class ToKafka implements QuarkusTestProfile {}

    @Inject
    AuditTrail audit;

    @Inject
    IpamConfig config;

    @Test
    void releasesGoToTheBrokerInOrderAndNotToTheFile() {
        for (int i = 0; i < 100; i++) {
            audit.write(released(i));
        }

        List<String> read =
                AuditTopic.read(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class), 100);

        assertEquals(100, read.size());
        for (int i = 0; i < 100; i++) {
            assertTrue(read.get(i).contains("\"event\":\"released\""), read.get(i));
            assertTrue(read.get(i).contains("\"addresses\":[\"10.0.64." + i + "\"]"), read.get(i));
        }
        assertFalse(Files.exists(config.stateDir().resolve("audit")), "the file is another end");
    }

    private static IpamCommand.Audit released(int number) {
        return new IpamCommand.Audit(
                new NodeName("node-1"),
                new LedgerEvent.Released(
                        number,
                        new SandboxKey("terway", "c" + number, "eth0"),
                        new Holder(new PodRef("default", "web"), "uid-" + number),
                        List.of(Ip.parse("10.0.64." + number)),
                        Duration.ZERO));
    }
}
