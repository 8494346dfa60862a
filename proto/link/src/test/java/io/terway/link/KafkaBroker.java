package io.terway.link;

import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;

/** One real broker in KRaft mode, for tests of audit streams. */
public final class KafkaBroker implements AutoCloseable {

    public static final String TOPIC = "terway-audit";

    /** Kept, so that their levels stay: a broker tells every setting it has. */
    private static final List<Logger> NOISE = List.of(
            Logger.getLogger("kafka"), Logger.getLogger("org.apache.kafka"), Logger.getLogger("state.change.logger"));

    private final KafkaClusterTestKit cluster;

    private KafkaBroker(KafkaClusterTestKit cluster) {
        this.cluster = cluster;
    }

    public static KafkaBroker start() {
        NOISE.forEach(logger -> logger.setLevel(Level.SEVERE));
        try {
            KafkaClusterTestKit cluster = new KafkaClusterTestKit.Builder(new TestKitNodes.Builder()
                            .setCombined(true)
                            .setNumBrokerNodes(1)
                            .setNumControllerNodes(1)
                            .build())
                    .setConfigProp("offsets.topic.replication.factor", "1")
                    .setConfigProp("offsets.topic.num.partitions", "1")
                    .build();
            cluster.format();
            cluster.startup();
            cluster.waitForReadyBrokers();
            return new KafkaBroker(cluster);
        } catch (Exception e) {
            throw new IllegalStateException("the broker does not start", e);
        }
    }

    /** What sends a service's audit events to this broker. Nothing else changes. */
    public Map<String, String> settings() {
        return Map.of(
                "mp.messaging.outgoing.audit.connector",
                "smallrye-kafka",
                "mp.messaging.outgoing.audit.topic",
                TOPIC,
                "kafka.bootstrap.servers",
                cluster.bootstrapServers());
    }

    @Override
    public void close() {
        try {
            cluster.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
