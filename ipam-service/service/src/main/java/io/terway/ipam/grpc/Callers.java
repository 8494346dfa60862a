package io.terway.ipam.grpc;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.grpc.GlobalInterceptor;
import io.terway.ipam.config.IpamConfig;
import io.terway.link.CallerGate;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Lets agents in, each for its own node (the handlers look), and our own services. */
final class Callers {

    @Produces
    @Singleton
    @GlobalInterceptor
    CallerGate gate(IpamConfig config, Instance<KubernetesClient> kubernetes) {
        boolean verify = config.callers().verify().orElse(config.leaderElection());
        return CallerGate.of(verify, kubernetes::get, config.namespace(), _ -> true);
    }
}
