package io.terway.eni.grpc;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import io.terway.eni.config.EniManagerConfig;
import io.terway.link.Caller;
import io.terway.link.CallerCheck;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/** Lets the services in that decide about the cloud, and no agent: a node has no business with credentials. Without verification everybody passes. */
@GlobalInterceptor
@Singleton
final class CallerGate implements ServerInterceptor {

    private static final Set<String> ACCOUNTS = Set.of("terway-ipam", "terway-policy");

    private final Optional<CallerCheck> check;

    CallerGate(EniManagerConfig config, Instance<KubernetesClient> kubernetes) {
        boolean verify = config.callers().verify().orElse(config.leaderElection());
        check = verify
                ? Optional.of(CallerCheck.of(kubernetes.get(), config.namespace(), CallerGate::admits))
                : Optional.empty();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return check.isPresent() ? check.get().interceptCall(call, headers, next) : next.startCall(call, headers);
    }

    private static boolean admits(Caller caller) {
        return switch (caller) {
            case Caller.Service service -> ACCOUNTS.contains(service.account());
            case Caller.NodeAgent _ -> false;
            case Caller.Unverified _ -> true;
        };
    }
}
