package io.terway.policy.audit;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.terway.link.KafkaBroker;
import java.util.Map;

/** A broker for one run of the service. */
public final class KafkaResource implements QuarkusTestResourceLifecycleManager {

    private KafkaBroker broker;

    @Override
    public Map<String, String> start() {
        broker = KafkaBroker.start();
        return broker.settings();
    }

    @Override
    public void stop() {
        broker.close();
    }
}
