package io.terway.policy.grpc;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.terway.link.Caller;
import io.terway.net.NodeName;
import io.terway.policy.audit.DenialAudit;
import io.terway.policy.cloud.Groups;
import io.terway.policy.config.PolicyConfig;
import io.terway.policy.k8s.ObjectIntake;
import io.terway.policy.k8s.PolicyEvents;
import io.terway.policy.k8s.PolicyWatch;
import io.terway.policy.k8s.ReplicaLease;
import io.terway.wire.policy.v1.NameReply;
import io.terway.wire.policy.v1.NameRequest;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.ReportReply;
import io.terway.wire.policy.v1.ReportRequest;
import io.terway.wire.policy.v1.SubscribeMessage;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The Policy service: wires watch, compiler and streams, and speaks the protocol of one subscription. */
@GrpcService
public class PolicyGrpc extends io.terway.wire.policy.v1.PolicyGrpc.PolicyImplBase {

    private static final Logger LOG = Logger.getLogger(PolicyGrpc.class);

    private static final int MOST_IN_REPORT = 1_000;

    private final KubernetesClient client;
    private final PolicyConfig config;
    private final PolicyEvents events;
    private final PolicyStreams streams;
    private final Holders holders;
    private final DenialAudit audit;
    private final Counter failures;
    private volatile PolicyWatch watch;
    private volatile Optional<ReplicaLease> lease = Optional.empty();
    private volatile Optional<Groups> groups = Optional.empty();

    PolicyGrpc(KubernetesClient client, PolicyConfig config, MeterRegistry metrics, DenialAudit audit) {
        this.audit = audit;
        this.client = client;
        this.config = config;
        events = new PolicyEvents(client, metrics);
        failures = metrics.counter("terway_policy_apply_failures");
        streams = new PolicyStreams(this::synced, config.compileDelay(), metrics);
        holders = new Holders(streams::snapshot);
    }

    void start(@Observes StartupEvent event) {
        watch = new PolicyWatch(client, new ObjectIntake(streams.changes(), streams::wake, events::accept));
        lease = config.advertise().map(address -> new ReplicaLease(client, config.namespace(), address));
        groups = Optional.of(new Groups(client, config, streams::snapshot, events));
    }

    void stop(@Observes ShutdownEvent event) {
        groups.ifPresent(Groups::close);
        lease.ifPresent(ReplicaLease::close);
        streams.close();
        events.close();
        watch.close();
    }

    /** True once every watch has its first full list: before that a program could lack policies. */
    public boolean synced() {
        PolicyWatch now = watch;
        return now != null && now.synced();
    }

    @Override
    public StreamObserver<SubscribeMessage> subscribe(StreamObserver<PolicyUpdate> out) {
        return new Subscription((ServerCallStreamObserver<PolicyUpdate>) out);
    }

    /** A loop that has ended though none should; empty when all run. */
    public Optional<String> ended() {
        if (!streams.isAlive()) {
            return Optional.of("compiling policies");
        }
        PolicyWatch now = watch;
        if (now != null && !now.isAlive()) {
            return Optional.of("watching what policy is made of");
        }
        if (!lease.map(ReplicaLease::isAlive).orElse(true)) {
            return Optional.of("announcing this replica");
        }
        return groups.map(Groups::isAlive).orElse(true) ? Optional.empty() : Optional.of("following security groups");
    }

    @Override
    public void name(NameRequest request, StreamObserver<NameReply> answer) {
        // Not by RunOnVirtualThread: a half-close may then overtake its message (quarkus issue 48940).
        Thread.startVirtualThread(() -> {
            try {
                answer.onNext(holders.of(request.getAddressesList()));
                answer.onCompleted();
            } catch (IllegalArgumentException e) {
                refuse(answer, Status.INVALID_ARGUMENT, e.getMessage());
            } catch (IllegalStateException e) {
                refuse(answer, Status.UNAVAILABLE, e.getMessage());
            }
        });
    }

    @Override
    public void report(ReportRequest request, StreamObserver<ReportReply> answer) {
        Caller caller = Caller.current();
        if (request.getDenialsCount() > MOST_IN_REPORT) {
            refuse(
                    answer,
                    Status.INVALID_ARGUMENT,
                    "denials: " + request.getDenialsCount() + " at once, at most " + MOST_IN_REPORT + " are allowed");
            return;
        }
        try {
            NodeName node = new NodeName(request.getNodeName());
            if (!caller.speaksFor(node)) {
                refuse(
                        answer,
                        Status.PERMISSION_DENIED,
                        "node_name is '" + node + "', but the caller is " + caller
                                + ": an agent reports its own node only");
                return;
            }
            audit.accept(request);
            answer.onNext(ReportReply.getDefaultInstance());
            answer.onCompleted();
        } catch (IllegalArgumentException e) {
            refuse(answer, Status.INVALID_ARGUMENT, "report.node_name: " + e.getMessage());
        }
    }

    private static void refuse(StreamObserver<?> answer, Status status, String why) {
        answer.onError(status.withDescription(why).asRuntimeException());
    }

    private final class Subscription implements StreamObserver<SubscribeMessage> {

        private final ServerCallStreamObserver<PolicyUpdate> out;
        private final Caller caller = Caller.current();
        private Optional<Subscriber> subscriber = Optional.empty();

        Subscription(ServerCallStreamObserver<PolicyUpdate> out) {
            this.out = out;
        }

        @Override
        public void onNext(SubscribeMessage message) {
            switch (message.getMessageCase()) {
                case SUBSCRIBE -> begin(message.getSubscribe().getNodeName());
                case ACKNOWLEDGE -> {
                    var acknowledge = message.getAcknowledge();
                    subscriber.ifPresent(s -> s.acknowledged(acknowledge.getRevision()));
                    streams.wake();
                    if (!acknowledge.getError().isEmpty()) {
                        failures.increment();
                        LOG.warnf(
                                "node %s could not apply revision %d: %s",
                                subscriber.map(s -> s.node().value()).orElse("?"),
                                acknowledge.getRevision(),
                                acknowledge.getError());
                        // What follows would build on a revision that the node does not have: it starts over in full.
                        subscriber.ifPresent(streams::remove);
                        refuse(
                                Status.ABORTED,
                                "revision " + acknowledge.getRevision() + " was refused; subscribe again");
                    }
                }
                case MESSAGE_NOT_SET -> refuse(Status.INVALID_ARGUMENT, "message: neither subscribe nor acknowledge");
            }
        }

        private void begin(String nodeName) {
            if (subscriber.isPresent()) {
                refuse(Status.INVALID_ARGUMENT, "subscribe: sent twice on one stream");
            } else if (streams.count() >= config.maxSubscribers()) {
                refuse(
                        Status.RESOURCE_EXHAUSTED,
                        "this replica serves terway.max-subscribers=" + config.maxSubscribers()
                                + " agents already; add a replica or raise it");
            } else {
                try {
                    NodeName node = new NodeName(nodeName);
                    if (!caller.speaksFor(node)) {
                        refuse(
                                Status.PERMISSION_DENIED,
                                "node_name is '" + node + "', but the caller is " + caller
                                        + ": an agent asks for its own node only");
                        return;
                    }
                    subscriber = Optional.of(new Subscriber(node, out));
                    streams.add(subscriber.get());
                } catch (IllegalArgumentException e) {
                    refuse(Status.INVALID_ARGUMENT, "subscribe.node_name: " + e.getMessage());
                }
            }
        }

        private void refuse(Status status, String why) {
            out.onError(status.withDescription(why).asRuntimeException());
        }

        @Override
        public void onError(Throwable failure) {
            subscriber.ifPresent(streams::remove);
        }

        @Override
        public void onCompleted() {
            subscriber.ifPresent(streams::remove);
            out.onCompleted();
        }
    }
}
