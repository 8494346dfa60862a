package io.terway.agent.sandbox;

import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.CheckResult;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.ledger.LedgerUnusable;
import io.terway.agent.node.EniLinks;
import io.terway.cni.CniFailure;
import io.terway.cni.CniReply;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.OfferedEni;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Brings kernel and ledger together after a crash, and now and then: sandboxes of an earlier boot are released, those
 * that live are compared and repaired, those that kernel and API server have both forgotten are ended.
 */
public final class Sweep {

    private static final Logger LOG = Logger.getLogger(Sweep.class);

    private final Ledger ledger;
    private final BootClock clock;
    private final Datapath datapath;
    private final EniLinks links;
    private final Lanes lanes;
    private final Collector collector;
    private final Releases releases;

    Sweep(
            Ledger ledger,
            BootClock clock,
            Datapath datapath,
            EniLinks links,
            Lanes lanes,
            Collector collector,
            Releases releases) {
        this.ledger = ledger;
        this.clock = clock;
        this.datapath = datapath;
        this.links = links;
        this.lanes = lanes;
        this.collector = collector;
        this.releases = releases;
    }

    /**
     * Before serving: no sandbox outlives the boot it was made in, so its address is free (and cools down in full). What
     * the disk does not take now is owed.
     */
    public void releaseEarlierBoots() {
        for (Binding binding : bindings()) {
            if (binding.isOfAnotherBoot(clock.bootId())) {
                LOG.infof("releasing %s of %s: the node was booted since", binding.ips(), binding.pod());
                releases.release(binding.key());
            }
        }
    }

    /** While serving: one look at every sandbox. */
    public void run() {
        for (Binding binding : bindings()) {
            try {
                if (Files.exists(binding.netns())) {
                    lanes.run(binding.key(), () -> repair(binding));
                } else {
                    collector.look(binding);
                }
            } catch (CniFailure | LedgerUnusable e) {
                LOG.warnf("sweeping %s of %s: %s", binding.key(), binding.pod(), e.getMessage());
            }
        }
    }

    /** What the kernel should have, of every sandbox of this node. */
    public List<PodAttachment> attachments() {
        return ledger.read(state -> state.bindings().stream()
                .flatMap(binding -> Attachments.of(state, binding, datapath).stream())
                .toList());
    }

    /** What a look at one sandbox came to. */
    public enum Look {
        INTACT,
        MENDED,
        /** A call for it is under way. That may be a CHECK, which mends nothing: look again. */
        BUSY
    }

    /** Looks at one sandbox, and mends what differs. */
    public Look mend(Binding binding) {
        if (!Files.exists(binding.netns())) {
            return Look.INTACT;
        }
        AtomicBoolean mended = new AtomicBoolean();
        boolean looked = lanes.runIfIdle(binding.key(), () -> mended.set(mendIfDamaged(binding)));
        if (!looked) {
            return Look.BUSY;
        }
        return mended.get() ? Look.MENDED : Look.INTACT;
    }

    /** The ledger was made anew: every sandbox is connected once more, so that policy and the rest know it too. */
    public void readmit() {
        for (Binding binding : bindings()) {
            if (Files.exists(binding.netns())) {
                lanes.run(binding.key(), () -> {
                    ledger.read(state -> state.binding(binding.key())
                                    .filter(binding::equals)
                                    .flatMap(same -> Attachments.of(state, same, datapath)))
                            .ifPresent(datapath::add);
                    return CniReply.empty();
                });
            }
        }
    }

    private CniReply repair(Binding binding) {
        mendIfDamaged(binding);
        return CniReply.empty();
    }

    private boolean mendIfDamaged(Binding binding) {
        if (releases.isOwed(binding.key())) {
            return false; // cut off on purpose
        }
        Optional<PodAttachment> wanted = ledger.read(state -> state.binding(binding.key())
                .filter(binding::equals)
                .flatMap(same -> Attachments.of(state, same, datapath)));
        Optional<OfferedEni> eni = ledger.read(state -> state.eni(binding.eni()));
        if (wanted.isPresent()
                && eni.filter(links::isReady).isPresent()
                && datapath.check(wanted.get()) instanceof CheckResult.Differs(List<String> differences)) {
            switch (datapath.add(wanted.get())) {
                case AddResult.Plumbed _ ->
                    LOG.warnf("repaired %s of %s: %s", binding.key(), binding.pod(), String.join("; ", differences));
                case AddResult.NoEni missing ->
                    LOG.warnf(
                            "%s of %s is not repaired: no link has MAC %s of %s",
                            binding.key(), binding.pod(), missing.mac(), missing.eni());
                case AddResult.Failed failed ->
                    LOG.warnf(
                            "%s of %s is not repaired: %s: %s",
                            binding.key(), binding.pod(), failed.step(), failed.reason());
            }
            return true;
        }
        return false;
    }

    private List<Binding> bindings() {
        return ledger.read(state -> List.copyOf(state.bindings()));
    }
}
