package io.terway.eni.grpc;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.grpc.GlobalInterceptor;
import io.terway.eni.config.EniManagerConfig;
import io.terway.link.Caller;
import io.terway.link.CallerGate;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Set;

/** Lets the services in that decide about the cloud, and no agent: a node has no business with credentials. */
final class Callers {

    private static final Set<String> ACCOUNTS = Set.of("terway-ipam", "terway-policy");

    @Produces
    @Singleton
    @GlobalInterceptor
    CallerGate gate(EniManagerConfig config, Instance<KubernetesClient> kubernetes) {
        boolean verify = config.callers().verify().orElse(config.leaderElection());
        return CallerGate.of(verify, kubernetes::get, config.namespace(), Callers::admits);
    }

    private static boolean admits(Caller caller) {
        return switch (caller) {
            case Caller.Service service -> ACCOUNTS.contains(service.account());
            case Caller.NodeAgent _ -> false;
            case Caller.Unverified _ -> true;
        };
    }
}
