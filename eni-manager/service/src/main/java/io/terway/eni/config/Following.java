package io.terway.eni.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.runtime.StartupEvent;
import io.terway.eni.k8s.ConfigWatch;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.util.Optional;

/** Follows eni-config from start to stop. Without an election there is no Kubernetes, and no ConfigMap. */
@ApplicationScoped
public class Following {

    private Optional<ConfigWatch> watch = Optional.empty();

    void start(
            @Observes StartupEvent event,
            EniManagerConfig config,
            LiveConfig live,
            Instance<KubernetesClient> kubernetes) {
        if (config.leaderElection()) {
            watch = Optional.of(new ConfigWatch(kubernetes.get(), config.namespace(), live));
        }
    }

    @PreDestroy
    void stop() {
        watch.ifPresent(ConfigWatch::close);
    }
}
