package io.terway.link;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Lets a call through once its bearer token is reviewed, and leaves its {@link Caller} in the gRPC context. A remembered
 * token costs nothing; a new one is reviewed on a virtual thread while the call waits, never on the event loop.
 */
public final class CallerCheck implements ServerInterceptor {

    /** Header of every call; "Bearer " and the token. */
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final Logger LOG = Logger.getLogger(CallerCheck.class);
    private static final String SCHEME = "Bearer ";
    /** Above what any API server issues; a longer one is not looked at. */
    private static final int LONGEST_TOKEN = 16_384;

    /** Reviews under way; each holds a call and a request to the API server. Callers beyond it come back. */
    static final int MOST_ASKING = 1_024;

    private final Semaphore asking = new Semaphore(MOST_ASKING);
    private final RememberedReviews reviews;
    private final Predicate<Caller> admitted;
    private final Supplier<Executor> callThread;

    /**
     * @param admitted who may call this service at all
     * @param callThread asked on the thread of a new call: where its handler runs, also later; the server's event loop
     */
    public CallerCheck(RememberedReviews reviews, Predicate<Caller> admitted, Supplier<Executor> callThread) {
        this.reviews = reviews;
        this.admitted = admitted;
        this.callThread = callThread;
    }

    /** For a Quarkus server, reviewed by the API server. */
    public static CallerCheck of(KubernetesClient client, String namespace, Predicate<Caller> admitted) {
        var reviews = new RememberedReviews(new KubernetesTokens(client, namespace), System::nanoTime);
        return new CallerCheck(reviews, admitted, CallerCheck::eventLoop);
    }

    private static Executor eventLoop() {
        io.vertx.core.Context context = Vertx.currentContext();
        return context == null ? Runnable::run : task -> context.runOnContext(_ -> task.run());
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Optional<String> token = token(headers);
        if (token.isEmpty()) {
            return refuse(
                    call,
                    Status.UNAUTHENTICATED.withDescription(
                            "no bearer token: mount a projected service account token for audience "
                                    + KubernetesTokens.AUDIENCE + " and name its file in terway.token"));
        }
        Optional<TokenReviewer.Review> known = reviews.known(token.get());
        if (known.isPresent()) {
            return decided(known.get(), call, headers, next);
        }
        if (!asking.tryAcquire()) {
            return refuse(
                    call,
                    Status.UNAVAILABLE.withDescription(
                            MOST_ASKING + " tokens are being reviewed; come back in a second"));
        }
        Waiting<Q> waiting = new Waiting<>(call.getMethodDescriptor().getType().clientSendsOneMessage());
        Executor thread = callThread.get();
        Thread.startVirtualThread(() -> {
            TokenReviewer.Review review;
            try {
                review = reviews.ask(token.get());
            } finally {
                asking.release();
            }
            thread.execute(() -> waiting.go(decided(review, call, headers, next)));
        });
        return waiting;
    }

    private <Q, A> ServerCall.Listener<Q> decided(
            TokenReviewer.Review review, ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return switch (review) {
            case TokenReviewer.Review.Known known
            when !admitted.test(known.caller()) ->
                refuse(
                        call,
                        Status.PERMISSION_DENIED.withDescription(known.caller() + " may not call "
                                + call.getMethodDescriptor().getFullMethodName()));
            case TokenReviewer.Review.Known known ->
                Contexts.interceptCall(Context.current().withValue(Caller.KEY, known.caller()), call, headers, next);
            case TokenReviewer.Review.Refused refused -> {
                LOG.warnf("%s refused: %s", call.getMethodDescriptor().getFullMethodName(), refused.reason());
                yield refuse(call, Status.UNAUTHENTICATED.withDescription(refused.reason()));
            }
            case TokenReviewer.Review.Unanswered unanswered ->
                refuse(call, Status.UNAVAILABLE.withDescription(unanswered.reason()));
        };
    }

    private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static Optional<String> token(Metadata headers) {
        return Optional.ofNullable(headers.get(AUTHORIZATION))
                .filter(h -> h.startsWith(SCHEME) && h.length() <= LONGEST_TOKEN)
                .map(h -> h.substring(SCHEME.length()))
                .filter(t -> !t.isBlank());
    }

    /**
     * Keeps what arrives until the review is there. gRPC flow control bounds it: messages come only once the handler
     * asks for them. A half-close does not wait for that, so it is held back behind the one message of a unary call.
     */
    private static final class Waiting<Q> extends ServerCall.Listener<Q> {

        private final Queue<Runnable> arrived = new ArrayDeque<>(); // guarded by this
        private ServerCall.Listener<Q> decided; // guarded by this
        private boolean messageOwed; // guarded by this
        private boolean halfCloseHeld; // guarded by this

        Waiting(boolean oneMessage) {
            messageOwed = oneMessage;
        }

        private synchronized void go(ServerCall.Listener<Q> listener) {
            decided = listener;
            while (!arrived.isEmpty()) {
                arrived.poll().run();
            }
        }

        private synchronized void later(Runnable event) {
            if (decided == null) {
                arrived.add(event);
            } else {
                event.run();
            }
        }

        @Override
        public synchronized void onMessage(Q message) {
            later(() -> decided.onMessage(message));
            messageOwed = false;
            if (halfCloseHeld) {
                halfCloseHeld = false;
                later(() -> decided.onHalfClose());
            }
        }

        @Override
        public synchronized void onHalfClose() {
            halfCloseHeld = messageOwed;
            if (!messageOwed) {
                later(() -> decided.onHalfClose());
            }
        }

        @Override
        public void onCancel() {
            later(() -> decided.onCancel());
        }

        @Override
        public void onComplete() {
            later(() -> decided.onComplete());
        }

        @Override
        public void onReady() {
            later(() -> decided.onReady());
        }
    }
}
