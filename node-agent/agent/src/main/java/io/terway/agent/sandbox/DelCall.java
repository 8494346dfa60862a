package io.terway.agent.sandbox;

import io.terway.agent.apply.DelResult;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniRequest;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.commit.Ending;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.PodLife;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * DEL: cut the traffic, then write the release down, then answer. Of a sandbox that holds nothing (any more) only what
 * the kernel still has under its name is removed. One that may be about an earlier life of the sandbox waits where it was
 * parked until the ledger can tell. Called in the sandbox's lane.
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
        Optional<Binding> held = ledger.readOld(state -> state.binding(key));
        boolean whole = ledger.quarantine().isEmpty();
        boolean elsewhere =
                held.filter(binding -> namesAnother(request, binding)).isPresent();
        switch (Ending.of(held, whole, request.started(), elsewhere, clock.now())) {
            case RELEASE -> end(held.orElseThrow(), watch);
            case CUT ->
                request.podIfReadable()
                        .ifPresent(pod -> cut(
                                key,
                                pod,
                                request.netnsIfReadable().filter(netns -> !HostNetns.is(netns)),
                                free(request.conf().previousAddresses()),
                                watch));
            case STAYS -> LOG.infof("DEL %s is older than the sandbox's present life, which stays", key);
            case WAIT ->
                throw new CniFailure(
                        CniCode.TRY_LATER,
                        "DEL of sandbox " + key + " waited, and which life of the sandbox it is about cannot be told"
                                + " until the ledger is made anew: " + ledger.quarantine());
        }
    }

    /** Both are known and are not one namespace; one that is gone is another than one that is there. */
    private static boolean namesAnother(CniRequest request, Binding held) {
        Optional<Path> named = request.netnsIfReadable();
        try {
            return named.isPresent()
                    && Files.exists(held.netns())
                    && (!Files.exists(named.get()) || !Files.isSameFile(named.get(), held.netns()));
        } catch (IOException e) {
            return false; // it went meanwhile
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
