package io.terway.link;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The check of callers as a service is configured: on, or everybody passes as {@link Caller.Unverified}. */
public final class CallerGate implements ServerInterceptor {

    private final Optional<CallerCheck> check;

    private CallerGate(Optional<CallerCheck> check) {
        this.check = check;
    }

    /**
     * @param client asked for only when there is something to verify
     * @param namespace where the service accounts of our parts are
     * @param admitted who may call this service at all
     */
    public static CallerGate of(
            boolean verify, Supplier<KubernetesClient> client, String namespace, Predicate<Caller> admitted) {
        return new CallerGate(
                verify ? Optional.of(CallerCheck.of(client.get(), namespace, admitted)) : Optional.empty());
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return check.isPresent() ? check.get().interceptCall(call, headers, next) : next.startCall(call, headers);
    }
}
