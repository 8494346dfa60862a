package io.terway.policy.grpc;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.grpc.GlobalInterceptor;
import io.terway.link.CallerGate;
import io.terway.policy.config.PolicyConfig;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Lets agents in, each for its own node (the handlers look), and our own services. */
final class Callers {

    @Produces
    @Singleton
    @GlobalInterceptor
    CallerGate gate(PolicyConfig config, Instance<KubernetesClient> kubernetes) {
        boolean verify = config.callers().verify().orElse(config.advertise().isPresent());
        return CallerGate.of(verify, kubernetes::get, config.namespace(), _ -> true);
    }
}
