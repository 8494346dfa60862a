package io.terway.agent.sandbox;

import io.terway.agent.apply.DelResult;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.ledger.LedgerUnusable;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.PodLife;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * DEL: cut the traffic, then write the release down, then answer. Of a sandbox that holds nothing (any more) only what
 * the kernel still has under its name is removed. Called in the sandbox's lane.
 */
public final class DelCall {

    private static final Logger LOG = Logger.getLogger(DelCall.class);

    private final Ledger ledger;
    private final Datapath datapath;
    private final Runnable freed;

    /** Cut off, but the disk took no release: written as soon as it does. Bounded by the addresses of the node. */
    private final Set<SandboxKey> unwritten = ConcurrentHashMap.newKeySet();

    /** @param freed told after each release */
    public DelCall(Ledger ledger, Datapath datapath, Runnable freed) {
        this.ledger = ledger;
        this.datapath = datapath;
        this.freed = freed;
    }

    /**
     * @param pod from CNI_ARGS, for a sandbox the ledger does not know
     * @param netns of the sandbox; empty when the runtime has none any more
     * @param said addresses that prevResult names, likewise
     */
    void run(SandboxKey key, Optional<PodLife> pod, Optional<Path> netns, List<Ip> said, Stopwatch watch) {
        Optional<Binding> held = ledger.read(state -> state.binding(key));
        Optional<PodLife> life = held.map(Binding::pod).or(() -> pod);
        if (life.isEmpty()) {
            return; // nothing here bears its name
        }
        List<Ip> addresses = held.map(Binding::ips).orElseGet(() -> free(said));
        switch (datapath.del(key, life.get().ref(), netns.orElse(null), addresses)) {
            case DelResult.Removed _ -> watch.lap("cut");
            case DelResult.Failed failed ->
                throw new CniFailure(CniCode.TRY_LATER, life.get() + ": " + failed.step() + ": " + failed.reason());
        }
        if (held.isPresent()) {
            release(key);
            watch.lap("release");
        }
    }

    /** Rules of an address that another sandbox holds by now are not the old one's to remove. */
    private List<Ip> free(List<Ip> said) {
        return said.stream()
                .filter(ip -> ledger.read(state -> state.holder(ip)).isEmpty())
                .toList();
    }

    private void release(SandboxKey key) {
        try {
            ledger.release(key, true);
            unwritten.remove(key);
            freed.run();
        } catch (LedgerUnusable e) {
            unwritten.add(key);
            LOG.errorf("%s is cut off but stays booked: %s", key, e.getMessage());
        }
    }

    /** Writes the releases that the disk did not take. */
    public void writeReleases() {
        unwritten.forEach(this::release);
    }
}
