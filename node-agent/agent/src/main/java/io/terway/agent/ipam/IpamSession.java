package io.terway.agent.ipam;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.ledger.LedgerUnusable;
import io.terway.agent.node.NodeIdentity;
import io.terway.agent.pods.KnownPod;
import io.terway.agent.pods.PodCache;
import io.terway.agent.sandbox.Supply;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.node.commit.Withdrawal;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NodeConfig;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.Hello;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.LastView;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.Ping;
import io.terway.wire.ipam.v1.PodUpdate;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.Welcome;
import io.terway.wire.ipam.v1.Withdraw;
import io.terway.wire.ipam.v1.WithdrawAck;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/** One conversation with one leader, from Hello to its end. {@link #run} belongs to one thread. */
final class IpamSession {

    private static final Logger LOG = Logger.getLogger(IpamSession.class);

    private static final Duration PING_EVERY = Duration.ofSeconds(10);
    private static final Duration SILENT_AFTER = Duration.ofSeconds(30);
    private static final Duration VIEW_WITHIN = Duration.ofSeconds(15);

    private final Ledger ledger;
    private final BootClock clock;
    private final PodCache pods;
    private final Supply supply;
    private final IpamLink link;
    private final Foresight foresight;
    private final Reports reports;
    private final Quarantine quarantine;
    private final Rebuilding rebuilding;
    private final Inbox inbox = new Inbox();
    private StreamObserver<AgentMessage> out;
    private long revision;
    private boolean viewed;
    private Optional<Rebuilding.Draft> draft = Optional.empty();

    /**
     * Hello and the ledger, taken at one instant.
     *
     * @param parts empty when the ledger is made anew: it is sent once ipam-service has said what it knows
     */
    private record Opening(Hello hello, List<LedgerPart> parts) {}

    IpamSession(
            Ledger ledger,
            BootClock clock,
            PodCache pods,
            Supply supply,
            IpamLink link,
            Foresight foresight,
            Reports reports,
            Quarantine quarantine,
            Rebuilding rebuilding) {
        this.ledger = ledger;
        this.clock = clock;
        this.pods = pods;
        this.supply = supply;
        this.link = link;
        this.foresight = foresight;
        this.reports = reports;
        this.quarantine = quarantine;
        this.rebuilding = rebuilding;
    }

    /**
     * Talks until the session ends; says how it did.
     *
     * @param anew the ledger is not believed, or cannot be read: another one is made
     */
    Status run(Channel channel, String peer, NodeIdentity identity, boolean anew) throws InterruptedException {
        Context.CancellableContext context = Context.current().withCancellation();
        Context before = context.attach();
        try {
            out = IpamGrpc.newStub(channel).session(inbox);
            Opening opening = anew ? openingAnew(identity) : opening(identity);
            out.onNext(AgentMessage.newBuilder().setHello(opening.hello()).build());
            send(opening.parts());
            return converse(channel, peer, opening.hello());
        } catch (LedgerUnusable e) {
            return Status.INTERNAL.withDescription(e.getMessage());
        } finally {
            link.end();
            foresight.forget();
            reports.disconnected();
            context.detach(before);
            context.cancel(null);
        }
    }

    private Opening opening(NodeIdentity identity) {
        return ledger.read(state -> new Opening(
                hello(identity)
                        .setLedgerId(state.ledgerId())
                        .setHighestTerm(state.term())
                        .setLedgerSequence(state.sequence())
                        .build(),
                LedgerParts.of(state, clock.now())));
    }

    private Opening openingAnew(NodeIdentity identity) {
        Hello hello = hello(identity)
                .setLedgerId(UUID.randomUUID().toString())
                .setHighestTerm(ledger.read(LedgerState::term))
                .setLedgerSequence(rebuilding.sequence())
                .setRebuilding(true)
                .build();
        return new Opening(hello, List.of());
    }

    private Hello.Builder hello(NodeIdentity identity) {
        return identity.hello(clock.bootId()).toBuilder()
                .setSinceBootMs(clock.now().sinceBoot().toMillis());
    }

    private void send(List<LedgerPart> parts) {
        parts.forEach(
                part -> out.onNext(AgentMessage.newBuilder().setLedger(part).build()));
    }

    /** Makes the ledger of what ipam-service knows too; empty when that is done, else how the session ends. */
    private Optional<Status> rebuild(Hello hello, LastView view) {
        return switch (rebuilding.draft(hello.getLedgerId(), hello.getLedgerSequence(), view)) {
            case Rebuilding.Result.Drafted(Rebuilding.Draft made) -> {
                draft = Optional.of(made);
                send(LedgerParts.of(made.state(), clock.now()));
                yield Optional.empty();
            }
            case Rebuilding.Result.Impossible(String why) ->
                Optional.of(Status.FAILED_PRECONDITION.withDescription(IpamClient.QUARANTINED + " " + why));
        };
    }

    private Status converse(Channel channel, String peer, Hello hello) throws InterruptedException {
        long begun = System.nanoTime();
        long heard = begun;
        long pings = 0;
        while (true) {
            Inbox.Incoming incoming = inbox.await(PING_EVERY);
            if (reports.needsNewSession()) {
                return Status.ABORTED.withDescription("too many unreported changes; the whole ledger is sent anew");
            }
            if (hello.getRebuilding() && !viewed && System.nanoTime() - begun > VIEW_WITHIN.toNanos()) {
                return Status.UNIMPLEMENTED.withDescription(
                        "ipam-service does not say what it knows of this node; is it older than this agent?");
            }
            switch (incoming) {
                case null -> {
                    if (System.nanoTime() - heard > SILENT_AFTER.toNanos()) {
                        return Status.UNAVAILABLE.withDescription("silent for " + SILENT_AFTER);
                    }
                    out.onNext(AgentMessage.newBuilder()
                            .setPing(Ping.newBuilder().setId(++pings))
                            .build());
                }
                case Inbox.Incoming.Ended(Status status) -> {
                    return status;
                }
                case Inbox.Incoming.Message(ServerMessage message) -> {
                    heard = System.nanoTime();
                    if (!ledger.accepts(message.getTerm())) {
                        return Status.FAILED_PRECONDITION.withDescription("not the leader: term " + message.getTerm()
                                + " was overtaken by " + ledger.read(s -> s.term()));
                    }
                    if (message.hasLastView()) {
                        viewed = true;
                        Optional<Status> end = rebuild(hello, message.getLastView());
                        if (end.isPresent()) {
                            return end.get();
                        }
                    }
                    handle(message, channel, peer);
                }
            }
        }
    }

    private void handle(ServerMessage message, Channel channel, String peer) {
        switch (message.getMessageCase()) {
            case WELCOME -> welcome(message.getWelcome(), message.getTerm(), channel, peer);
            case OFFER -> ledger.offer(WireForm.offer(message.getOffer()));
            case WITHDRAW -> withdraw(message.getWithdraw());
            case CONFIG -> {
                if (message.getConfig().getRevision() > revision) {
                    configure(message.getConfig());
                }
            }
            case PODS -> pods(message.getPods());
            case LAST_VIEW, PONG, MESSAGE_NOT_SET -> {}
        }
        supply.changed();
    }

    private void welcome(Welcome welcome, long term, Channel channel, String peer) {
        if (draft.isPresent()) {
            rebuilding.adopt(draft.get());
            ledger.accepts(term);
            draft = Optional.empty();
        }
        if (welcome.getConfig().getRevision() > 0) { // 0: the leader knows none yet, the one kept here stays
            configure(welcome.getConfig());
        }
        quarantine.lift();
        link.open(new IpamLink.Session(welcome.getSessionId(), term, channel, peer));
        reports.connected(welcome.getAcknowledgedSequence());
        LOG.infof("session %s with ipam-service at %s, term %d", welcome.getSessionId(), peer, term);
    }

    private void configure(io.terway.wire.ipam.v1.NodeConfig message) {
        NodeConfig config = WireForm.config(message);
        revision = config.revision();
        if (!ledger.read(s -> s.config().equals(Optional.of(config)))) {
            ledger.configure(config);
            LOG.infof("configured: %s", config);
        }
    }

    private void withdraw(Withdraw withdraw) {
        Withdrawal decided = ledger.withdraw(
                withdraw.getNumber(),
                withdraw.getAddressesList().stream().map(Ip::parse).toList(),
                withdraw.getEnisList().stream().map(EniId::new).toList());
        out.onNext(AgentMessage.newBuilder()
                .setWithdrawAck(WithdrawAck.newBuilder()
                        .setNumber(withdraw.getNumber())
                        .addAllWithdrawn(
                                decided.withdrawn().stream().map(Ip::toString).toList())
                        .addAllKept(decided.kept().stream().map(Ip::toString).toList()))
                .build());
    }

    private void pods(PodUpdate update) {
        List<KnownPod> changed = update.getPodsList().stream()
                .filter(p -> !p.getHostNetwork())
                .map(WireForm::pod)
                .toList();
        List<KnownPod> fresh =
                changed.stream().filter(pod -> pods.find(pod.life()).isEmpty()).toList();
        pods.update(update.getFull(), changed, update.getGoneList());
        if (!update.getFull()) { // a full list also has pods that ended long ago
            foresight.look(fresh);
        }
    }
}
