package io.terway.agent.policy;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.terway.net.NodeName;
import io.terway.wire.policy.v1.Acknowledge;
import io.terway.wire.policy.v1.PolicyGrpc;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Subscribe;
import io.terway.wire.policy.v1.SubscribeMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongConsumer;
import org.jboss.logging.Logger;

/**
 * One subscription with one replica, from its start to its end. Messages are asked for one by one, as they are taken;
 * a revision is put in force when it is complete, and acknowledged when the kernel has it.
 */
final class Subscription {

    private static final Logger LOG = Logger.getLogger(Subscription.class);

    /** Messages of about 1 MiB that may be under way. */
    private static final int AHEAD = 4;

    /** Messages of one revision; some 500 MiB, more than the elements that are kept. */
    private static final int MOST_MESSAGES = 512;

    private final NodeName node;
    private final Enforcement enforcement;
    private final LongConsumer heard;
    private final BlockingQueue<Incoming> inbox = new LinkedBlockingQueue<>();
    private ClientCallStreamObserver<SubscribeMessage> out;

    private sealed interface Incoming {
        record Message(PolicyUpdate update) implements Incoming {}

        record Ended(Status status) implements Incoming {}
    }

    /** @param heard told of each complete revision */
    Subscription(NodeName node, Enforcement enforcement, LongConsumer heard) {
        this.node = node;
        this.enforcement = enforcement;
        this.heard = heard;
    }

    /** Follows until the stream ends; says how it did. */
    Status follow(Channel channel) throws InterruptedException {
        Context.CancellableContext context = Context.current().withCancellation();
        Context before = context.attach();
        try {
            PolicyGrpc.newStub(channel).subscribe(new Inbox());
            send(SubscribeMessage.newBuilder()
                    .setSubscribe(Subscribe.newBuilder().setNodeName(node.value()))
                    .build());
            return follow();
        } finally {
            context.detach(before);
            context.cancel(null);
        }
    }

    private Status follow() throws InterruptedException {
        List<PolicyUpdate> revision = new ArrayList<>();
        boolean begun = false;
        while (true) {
            switch (inbox.take()) {
                case Incoming.Ended(Status status) -> {
                    return status;
                }
                case Incoming.Message(PolicyUpdate update) -> {
                    out.request(1);
                    if (!begun && !update.getFull()) {
                        return Status.INTERNAL.withDescription("the stream did not start with a full state");
                    }
                    begun = true;
                    revision.add(update);
                    if (revision.size() > MOST_MESSAGES) {
                        return Status.RESOURCE_EXHAUSTED.withDescription(
                                "a revision of more than " + MOST_MESSAGES + " messages");
                    }
                    if (!update.getMore()) {
                        putInForce(revision);
                        revision = new ArrayList<>();
                    }
                }
            }
        }
    }

    private void putInForce(List<PolicyUpdate> revision) {
        long number = revision.getLast().getRevision();
        boolean full = revision.getFirst().getFull();
        heard.accept(number);
        enforcement.update(List.copyOf(revision), error -> {
            send(SubscribeMessage.newBuilder()
                    .setAcknowledge(Acknowledge.newBuilder().setRevision(number).setError(error))
                    .build());
            if (full) {
                LOG.infof("policy of revision %d %s", number, error.isEmpty() ? "is in force" : "is not: " + error);
            }
        });
    }

    /** Acknowledgements come from the policy thread. */
    private synchronized void send(SubscribeMessage message) {
        try {
            out.onNext(message);
        } catch (IllegalStateException e) {
            LOG.debugf("the stream has ended: %s", e.getMessage());
        }
    }

    /** Called from gRPC's threads. What waits is bounded by what was asked for. */
    private final class Inbox implements ClientResponseObserver<SubscribeMessage, PolicyUpdate> {

        @Override
        public void beforeStart(ClientCallStreamObserver<SubscribeMessage> stream) {
            out = stream;
            stream.disableAutoRequestWithInitial(AHEAD);
        }

        @Override
        public void onNext(PolicyUpdate update) {
            inbox.add(new Incoming.Message(update));
        }

        @Override
        public void onError(Throwable failure) {
            inbox.add(new Incoming.Ended(Status.fromThrowable(failure)));
        }

        @Override
        public void onCompleted() {
            inbox.add(new Incoming.Ended(Status.UNAVAILABLE.withDescription("the server ended the stream")));
        }
    }
}
