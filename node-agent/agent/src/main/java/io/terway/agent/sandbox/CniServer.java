package io.terway.agent.sandbox;

import io.terway.agent.ledger.Ledger;
import io.terway.agent.ledger.LedgerUnusable;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniFrame;
import io.terway.cni.CniReply;
import io.terway.cni.CniRequest;
import io.terway.cni.CniVerb;
import io.terway.cni.CniVersion;
import io.terway.cni.NetConf;
import io.terway.node.ledger.Binding;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Answers CNI calls: reads the frame, finds the verb, makes a reply of what came out. Any thread. */
public final class CniServer {

    private static final Logger LOG = Logger.getLogger(CniServer.class);

    private final AddCall add;
    private final DelCall del;
    private final CheckCall check;
    private final Collector collector;
    private final Lanes lanes;
    private final Ledger ledger;
    private final Supplier<String> unavailable;
    private final Observer observer;

    /** Told how long each call took. */
    public interface Observer {
        void done(CniVerb verb, boolean success, Duration took);
    }

    /** @param unavailable why STATUS must refuse; empty when ADDs can be served */
    CniServer(
            AddCall add,
            DelCall del,
            CheckCall check,
            Collector collector,
            Lanes lanes,
            Ledger ledger,
            Supplier<String> unavailable,
            Observer observer) {
        this.add = add;
        this.del = del;
        this.check = check;
        this.collector = collector;
        this.lanes = lanes;
        this.ledger = ledger;
        this.unavailable = unavailable;
        this.observer = observer;
    }

    /** Answers one frame. */
    public CniReply handle(byte[] body) {
        Stopwatch watch = new Stopwatch();
        CniVerb verb = CniVerb.VERSION;
        CniVersion version = CniVersion.V1_0_0;
        CniReply reply;
        String about = "?";
        try {
            CniFrame frame = CniFrame.parse(body);
            version = NetConf.versionOf(frame.stdin());
            verb = CniVerb.parse(frame.environment().getOrDefault("CNI_COMMAND", ""));
            about = frame.environment().getOrDefault("CNI_CONTAINERID", "");
            reply = verb == CniVerb.VERSION ? CniReply.versions() : answer(CniRequest.of(frame), watch);
        } catch (CniFailure failure) {
            reply = CniReply.of(failure, version);
            LOG.warnf("%s %s: code %d: %s", verb, about, failure.code().number(), failure.getMessage());
        } catch (LedgerUnusable e) {
            reply = CniReply.of(new CniFailure(CniCode.IO_FAILURE, e.getMessage()), version);
            LOG.errorf("%s %s: %s", verb, about, e.getMessage());
        } catch (RuntimeException bug) { // the top of the loop: a bug in one call must not end the others
            reply = CniReply.of(new CniFailure(CniCode.TRY_LATER, "the node agent failed: " + bug), version);
            LOG.errorf(bug, "%s %s", verb, about);
        }
        observer.done(verb, reply.isSuccess(), watch.total());
        return reply;
    }

    /** Answers a parked DEL. One that can never be understood is done with: nobody waits for its error. */
    public CniReply replay(byte[] body) {
        try {
            CniRequest.of(CniFrame.parse(body));
        } catch (CniFailure never) {
            LOG.errorf("a parked DEL of %d bytes is dropped: %s", body.length, never.getMessage());
            return CniReply.empty();
        }
        return handle(body);
    }

    private CniReply answer(CniRequest request, Stopwatch watch) {
        watch.lap("parse");
        return switch (request.verb()) {
            case ADD -> {
                CniReply reply = lanes.run(request.key(), () -> add.run(request, watch));
                Optional<Binding> binding = ledger.read(state -> state.binding(request.key()));
                LOG.infof(
                        "ADD %s %s: %s",
                        request.pod(), binding.map(Binding::ips).orElse(List.of()), watch);
                yield reply;
            }
            case DEL -> {
                if (del.isOfThisBoot(request)) {
                    lanes.end(request.key(), request.started());
                }
                yield lanes.run(request.key(), () -> {
                    del.run(request, watch);
                    LOG.infof("DEL %s: %s", request.key(), watch);
                    return CniReply.empty();
                });
            }
            case CHECK ->
                lanes.run(request.key(), () -> {
                    check.run(request);
                    return CniReply.empty();
                });
            case GC -> {
                collector.collect(request.conf());
                yield CniReply.empty();
            }
            case STATUS -> status();
            case VERSION -> CniReply.versions();
        };
    }

    private CniReply status() {
        String why = unavailable.get();
        if (!why.isEmpty()) {
            throw new CniFailure(CniCode.NOT_AVAILABLE, why);
        }
        return CniReply.empty();
    }
}
