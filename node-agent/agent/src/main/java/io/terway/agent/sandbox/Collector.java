package io.terway.agent.sandbox;

import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.pods.PodCache;
import io.terway.cni.CniReply;
import io.terway.cni.NetConf;
import io.terway.cni.NetConf.Attachment;
import io.terway.node.ledger.Binding;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/** Ends sandboxes that are surely gone, though no DEL of them came. Any thread. */
final class Collector {

    private static final Logger LOG = Logger.getLogger(Collector.class);

    /** A sandbox whose ADD started this lately may not have shown up everywhere yet; the ADD itself may take a minute. */
    static final Duration YOUNG = Duration.ofMinutes(2);

    private final Ledger ledger;
    private final BootClock clock;
    private final PodCache pods;
    private final Lanes lanes;
    private final DelCall del;

    Collector(Ledger ledger, BootClock clock, PodCache pods, Lanes lanes, DelCall del) {
        this.ledger = ledger;
        this.clock = clock;
        this.pods = pods;
        this.lanes = lanes;
        this.del = del;
    }

    /**
     * Who knows nothing of a sandbox any more. Each alone may be wrong: a runtime that lost its state, an unmounted
     * namespace whose processes live on, an API server restored from a copy.
     */
    private record Forgotten(boolean byRuntime, boolean byKernel, boolean byApi) {

        boolean isGone() {
            return byRuntime ? byKernel || byApi : byKernel && byApi;
        }
    }

    /** The runtime says which attachments of the network it has. */
    void collect(NetConf conf) {
        List<Binding> unknown = ledger.read(state -> state.bindings().stream()
                .filter(b -> b.key().network().equals(conf.name()))
                .filter(b -> !conf.valid()
                        .contains(new Attachment(b.key().containerId(), b.key().ifName())))
                .toList());
        unknown.forEach(binding -> endIfGone(binding, true));
    }

    /** Nobody said anything: a timer. */
    void look(Binding binding) {
        endIfGone(binding, false);
    }

    private void endIfGone(Binding binding, boolean byRuntime) {
        Forgotten forgotten =
                new Forgotten(byRuntime, !Files.exists(binding.netns()), pods.isSurelyGone(binding.pod()));
        boolean young = clock.now().atLeastSince(binding.at()).compareTo(YOUNG) <= 0;
        if (!young && forgotten.isGone()) {
            LOG.infof("%s of %s is gone: %s", binding.key(), binding.pod(), forgotten);
            lanes.run(binding.key(), () -> {
                del.end(binding, new Stopwatch());
                return CniReply.empty();
            });
        }
    }
}
