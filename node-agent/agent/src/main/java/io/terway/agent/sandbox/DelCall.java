package io.terway.agent.sandbox;

import io.terway.agent.apply.DelResult;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniRequest;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.PodLife;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * DEL: cut the traffic, then write the release down, then answer. Of a sandbox that holds nothing (any more) only what
 * the kernel still has under its name is removed. Called in the sandbox's lane.
 */
final class DelCall {

    private static final Logger LOG = Logger.getLogger(DelCall.class);

    private final Ledger ledger;
    private final BootClock clock;
    private final Datapath datapath;
    private final Releases releases;

    DelCall(Ledger ledger, BootClock clock, Datapath datapath, Releases releases) {
        this.ledger = ledger;
        this.clock = clock;
        this.datapath = datapath;
        this.releases = releases;
    }

    /** The runtime's wish. What the ledger knows of the sandbox counts, not what the call says of it. */
    void run(CniRequest request, Stopwatch watch) {
        SandboxKey key = request.key();
        Optional<Binding> held = ledger.read(state -> state.binding(key));
        if (held.isEmpty()) {
            request.podIfReadable()
                    .ifPresent(pod -> cut(
                            key,
                            pod,
                            request.netnsIfReadable().filter(netns -> !HostNetns.is(netns)),
                            free(request.conf().previousAddresses()),
                            watch));
        } else if (held.get().isOfLaterLifeThan(request.started(), clock.now())) {
            LOG.infof("DEL %s is older than the sandbox's present life, which stays", key);
        } else {
            end(held.get(), watch);
        }
    }

    /** False for a call that waited in the spool over a reboot: its start says nothing about calls of this boot. */
    boolean isOfThisBoot(CniRequest request) {
        return !clock.now().isOvertakenBy(request.started());
    }

    /** Ends the sandbox, if it still holds just this. */
    void end(Binding held, Stopwatch watch) {
        if (ledger.read(state -> state.binding(held.key())).filter(held::equals).isEmpty()) {
            return;
        }
        Optional<Path> netns = Optional.of(held.netns()).filter(Files::exists);
        cut(held.key(), held.pod(), netns, held.ips(), watch);
        releases.release(held.key());
        watch.lap("release");
    }

    private void cut(SandboxKey key, PodLife pod, Optional<Path> netns, List<Ip> addresses, Stopwatch watch) {
        switch (datapath.del(key, pod.ref(), netns.orElse(null), addresses)) {
            case DelResult.Removed _ -> watch.lap("cut");
            case DelResult.Failed failed ->
                throw new CniFailure(CniCode.TRY_LATER, pod + ": " + failed.step() + ": " + failed.reason());
        }
    }

    /** Rules of an address that another sandbox holds by now are not the old one's to remove. */
    private List<Ip> free(List<Ip> said) {
        return said.stream()
                .filter(ip -> ledger.read(state -> state.holder(ip)).isEmpty())
                .toList();
    }
}
