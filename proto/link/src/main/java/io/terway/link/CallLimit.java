package io.terway.link;

import io.grpc.ForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the unary calls of one caller that wait for their answer: whoever asks without end is refused by itself, and what
 * the handlers share stays free for others. Comes after the check of callers; where callers are not verified, each connection
 * counts as one. Streams pass: their number is the handler's to bound.
 */
public final class CallLimit implements ServerInterceptor {

    private final int most;
    private final ConcurrentHashMap<Object, Integer> open = new ConcurrentHashMap<>();

    /** @param most calls of one caller under way */
    public CallLimit(int most) {
        this.most = most;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (call.getMethodDescriptor().getType() != MethodDescriptor.MethodType.UNARY) {
            return next.startCall(call, headers);
        }
        Object who = who(call);
        if (open.merge(who, 1, Integer::sum) > most) {
            done(who);
            call.close(
                    Status.RESOURCE_EXHAUSTED.withDescription(
                            most + " calls of this caller wait for their answers; ask again when one has come"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        try {
            return new Counted<>(next.startCall(call, headers), () -> done(who));
        } catch (RuntimeException e) {
            done(who);
            throw e;
        }
    }

    private static Object who(ServerCall<?, ?> call) {
        Caller caller = Caller.current();
        return switch (caller) {
            case Caller.NodeAgent _, Caller.Service _ -> caller;
            case Caller.Unverified _ -> String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        };
    }

    private void done(Object who) {
        open.computeIfPresent(who, (_, calls) -> calls == 1 ? null : calls - 1);
    }

    /** Of its two ends exactly one comes. */
    private static final class Counted<Q> extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {

        private final Runnable end;

        Counted(ServerCall.Listener<Q> call, Runnable end) {
            super(call);
            this.end = end;
        }

        @Override
        public void onComplete() {
            end.run();
            super.onComplete();
        }

        @Override
        public void onCancel() {
            end.run();
            super.onCancel();
        }
    }
}
