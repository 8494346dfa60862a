package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.terway.link.TokenReviewer.Review;
import io.terway.net.NodeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallerCheckTest {

    @TempDir
    Path directory;

    private final Map<String, Review> tokens = new ConcurrentHashMap<>(Map.of(
            "agent", new Review.Known(new Caller.NodeAgent(new NodeName("node-1"))),
            "stranger", new Review.Known(new Caller.Service("intruder"))));
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private final AtomicInteger asked = new AtomicInteger();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void serve() throws IOException {
        var reviews = new RememberedReviews(
                token -> {
                    asked.incrementAndGet();
                    if (broken.contains(token)) {
                        throw new IllegalArgumentException("not what the API server should say");
                    }
                    return tokens.getOrDefault(token, new Review.Refused("the token is not valid"));
                },
                System::nanoTime);
        Executor direct = Runnable::run;
        var check = new CallerCheck(reviews, caller -> caller instanceof Caller.NodeAgent, () -> direct);
        server = InProcessServerBuilder.forName(directory.toString())
                .addService(ServerInterceptors.intercept(Who.echo(), check))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        if (channel != null) {
            channel.shutdownNow();
        }
        server.shutdownNow();
    }

    @Test
    void handlerSeesWhoCalls() throws IOException {
        assertEquals("hello NodeAgent[node=node-1]", ask("agent"));
    }

    @Test
    void tokenIsReviewedOnceForManyCalls() throws IOException {
        ask("agent");
        ask("agent");
        assertEquals(1, asked.get());
    }

    @Test
    void callWithoutTokenIsUnauthenticatedAndSaysWhatToMount() {
        var refusal = assertThrows(StatusRuntimeException.class, () -> askWithout());
        assertEquals(Status.Code.UNAUTHENTICATED, refusal.getStatus().getCode());
        assertTrue(refusal.getStatus().getDescription().contains("audience terway"), refusal.getMessage());
    }

    @Test
    void unknownTokenIsUnauthenticated() {
        var refusal = assertThrows(StatusRuntimeException.class, () -> ask("forged"));
        assertEquals(Status.Code.UNAUTHENTICATED, refusal.getStatus().getCode());
    }

    @Test
    void knownCallerThatHasNoBusinessHereIsDenied() {
        var refusal = assertThrows(StatusRuntimeException.class, () -> ask("stranger"));
        assertEquals(Status.Code.PERMISSION_DENIED, refusal.getStatus().getCode());
    }

    @Test
    void unansweredReviewIsUnavailableSoThatTheCallerComesBack() {
        tokens.put("late", new Review.Unanswered("API server is down"));
        var refusal = assertThrows(StatusRuntimeException.class, () -> ask("late"));
        assertEquals(Status.Code.UNAVAILABLE, refusal.getStatus().getCode());
    }

    @Test
    void callEndsWhenItsReviewFailsUnexpectedly() {
        broken.add("broken");
        var refusal = assertThrows(StatusRuntimeException.class, () -> ask("broken"));
        assertEquals(Status.Code.UNAVAILABLE, refusal.getStatus().getCode());
    }

    @Test
    void reviewsUnderWayAreBounded() throws InterruptedException {
        var patience = new CountDownLatch(1);
        var slow = new RememberedReviews(
                _ -> {
                    try {
                        patience.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return tokens.get("agent");
                },
                System::nanoTime);
        var check = new CallerCheck(slow, _ -> true, () -> Runnable::run);
        for (int stranger = 0; stranger < CallerCheck.MOST_ASKING; stranger++) {
            assertNull(closedBy(check, "stranger " + stranger));
        }
        try {
            assertEquals(Status.Code.UNAVAILABLE, closedBy(check, "one more").getCode());
        } finally {
            patience.countDown();
        }
    }

    /** How the check ended a new call by itself; null when it did not. */
    private static Status closedBy(CallerCheck check, String token) {
        var headers = new Metadata();
        headers.put(CallerCheck.AUTHORIZATION, "Bearer " + token);
        var closed = new AtomicReference<Status>();
        check.interceptCall(
                new SilentCall() {
                    @Override
                    public void close(Status status, Metadata trailers) {
                        closed.set(status);
                    }
                },
                headers,
                (_, _) -> new ServerCall.Listener<>() {});
        return closed.get();
    }

    @Test
    void agentSpeaksForItsOwnNodeOnly() {
        Caller agent = new Caller.NodeAgent(new NodeName("node-1"));
        assertTrue(agent.speaksFor(new NodeName("node-1")));
        assertTrue(!agent.speaksFor(new NodeName("node-2")));
        assertTrue(!new Caller.Service("terway-policy").speaksFor(new NodeName("node-1")));
    }

    @Test
    void halfCloseDoesNotOvertakeTheMessageOfACallThatWaits() throws InterruptedException {
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        BlockingQueue<Runnable> callThread = new LinkedBlockingQueue<>();
        var check = new CallerCheck(
                new RememberedReviews(_ -> tokens.get("agent"), System::nanoTime), _ -> true, () -> callThread::add);
        Metadata headers = new Metadata();
        headers.put(CallerCheck.AUTHORIZATION, "Bearer agent");

        ServerCall.Listener<String> waiting =
                check.interceptCall(new SilentCall(), headers, (call, metadata) -> new ServerCall.Listener<>() {
                    @Override
                    public void onMessage(String message) {
                        events.add(message);
                    }

                    @Override
                    public void onHalfClose() {
                        events.add("half-close");
                    }
                });
        // As the server does it: the end of the stream needs no permission, the message waits for one.
        waiting.onHalfClose();
        callThread.take().run();
        waiting.onMessage("hello");

        assertEquals(List.of("hello", "half-close"), List.copyOf(events));
    }

    private static class SilentCall extends ServerCall<String, String> {

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(String message) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<String, String> getMethodDescriptor() {
            return Who.AM;
        }
    }

    private String ask(String token) throws IOException {
        Path file = Files.writeString(directory.resolve("token"), token + "\n");
        channel = InProcessChannelBuilder.forName(directory.toString())
                .intercept(new BearerToken(file))
                .build();
        return ClientCalls.blockingUnaryCall(channel, Who.AM, CallOptions.DEFAULT, "hello");
    }

    private String askWithout() {
        channel = InProcessChannelBuilder.forName(directory.toString()).build();
        return ClientCalls.blockingUnaryCall(channel, Who.AM, CallOptions.DEFAULT, "hello");
    }
}
