package io.terway.eni.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quarkus.grpc.GlobalInterceptor;
import jakarta.enterprise.context.ApplicationScoped;

/** Which shard of ipam-service calls: each has terms of its own. */
@GlobalInterceptor
@ApplicationScoped
public class CallingShard implements ServerInterceptor {

    /** The number of the shard; absent where ipam-service is not divided. */
    static final Metadata.Key<String> SHARD = Metadata.Key.of("terway-shard", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<String> KEY = Context.key("terway-shard");

    /** The shard of the call at hand, "" for the only one. */
    static String current() {
        String shard = KEY.get();
        return shard == null ? "" : shard;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String shard = headers.get(SHARD);
        if (shard == null) {
            return next.startCall(call, headers);
        }
        if (!shard.matches("[0-9]|[1-5][0-9]|6[0-3]")) { // each is remembered
            call.close(
                    Status.INVALID_ARGUMENT.withDescription(
                            "terway-shard is '" + shard + "'; it must be a whole number from 0 to 63"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(Context.current().withValue(KEY, shard), call, headers, next);
    }
}
