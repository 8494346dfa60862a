package io.terway.eni.audit;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;

/** One real broker in KRaft mode, and the settings that send audit events to it. Nothing else changes. */
public final class KafkaBroker implements QuarkusTestResourceLifecycleManager {

    /** Kept, so that their levels stay: a broker tells every setting it has. */
    private static final List<Logger> NOISE = List.of(
            Logger.getLogger("kafka"), Logger.getLogger("org.apache.kafka"), Logger.getLogger("state.change.logger"));

    private KafkaClusterTestKit cluster;

    @Override
    public Map<String, String> start() {
        NOISE.forEach(logger -> logger.setLevel(Level.SEVERE));
        try {
            cluster = new KafkaClusterTestKit.Builder(new TestKitNodes.Builder()
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
        } catch (Exception e) {
            throw new IllegalStateException("the broker does not start", e);
        }
        return Map.of(
                "mp.messaging.outgoing.audit.connector", "smallrye-kafka",
                "mp.messaging.outgoing.audit.topic", "terway-audit",
                "kafka.bootstrap.servers", cluster.bootstrapServers());
    }

    @Override
    public void stop() {
        try {
            cluster.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
