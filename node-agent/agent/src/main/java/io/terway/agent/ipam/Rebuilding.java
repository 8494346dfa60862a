package io.terway.agent.ipam;

import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.pods.PodCache;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.LinkNames;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.PodLife;
import io.terway.node.ledger.Rebuild;
import io.terway.node.ledger.Witnesses;
import io.terway.wire.ipam.v1.LastView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes the node's ledger anew when it was lost, damaged or refused: what the witnesses say, and when it may count. */
public final class Rebuilding {

    private final Ledger ledger;
    private final BootClock clock;
    private final PodCache pods;
    private final Supplier<List<Witnesses.Connected>> kernel;
    private final BootTime began;

    /**
     * A ledger that ipam-service has not agreed to yet.
     *
     * @param replaces sequence of the ledger in whose place it comes
     */
    record Draft(LedgerState state, long replaces) {}

    /** What came of a try. */
    sealed interface Result {

        record Drafted(Draft draft) implements Result {}

        record Impossible(String why) implements Result {}
    }

    /** @param kernel what it has connected; throws {@link KernelRefusal} */
    public Rebuilding(Ledger ledger, BootClock clock, PodCache pods, Supplier<List<Witnesses.Connected>> kernel) {
        this.ledger = ledger;
        this.clock = clock;
        this.pods = pods;
        this.kernel = kernel;
        this.began = clock.now();
    }

    /** The sequence that the ledger made anew has. */
    long sequence() {
        return ledger.readOld(old -> old.sequence()) + 1;
    }

    Result draft(String ledgerId, long sequence, LastView view) {
        Duration rested = clock.now().atLeastSince(began);
        Duration coolDown = ledger.readOld(old -> old.coolDown());
        if (!view.getKnown() && rested.compareTo(coolDown) < 0) {
            return new Result.Impossible("ipam-service knows nothing of this node, so what it gave back before the"
                    + " agent started must cool down: " + coolDown.minus(rested).toSeconds() + " s left");
        }
        List<Witnesses.Connected> connected;
        try {
            connected = kernel.get();
        } catch (KernelRefusal e) {
            return new Result.Impossible("what the kernel has connected cannot be read: " + e.getMessage());
        }
        return ledger.readOld(old -> {
            var said = new Witnesses(old, view(view), connected, this::pod, Files::exists);
            return switch (Rebuild.of(ledgerId, sequence, said, clock.now())) {
                case Rebuild.Outcome.Rebuilt(LedgerState state) -> new Result.Drafted(new Draft(state, old.sequence()));
                case Rebuild.Outcome.Unexplained(String why) -> new Result.Impossible(why);
            };
        });
    }

    /** It counts from now on. */
    void adopt(Draft draft) {
        ledger.replace(draft.state(), draft.replaces());
    }

    private Optional<Witnesses.Named> pod(Witnesses.Connected connected) {
        return pods.first(name -> LinkNames.hostLink(name, connected.ifName()).equals(connected.link()))
                .map(pod -> new Witnesses.Named(pod.life(), pod.isFixed()));
    }

    private Witnesses.View view(LastView view) {
        return new Witnesses.View(
                view.getKnown(),
                view.getBindingsList().stream().map(this::binding).toList(),
                view.getEnisList().stream().map(WireForm::eni).toList(),
                view.getOfferedList().stream()
                        .map(o -> WireForm.offered(o.getAddress(), o.getNumber()))
                        .toList());
    }

    private Binding binding(io.terway.wire.ipam.v1.Binding binding) {
        var sandbox = binding.getSandbox();
        var pod = binding.getPod();
        return new Binding(
                new SandboxKey(sandbox.getNetwork(), sandbox.getContainerId(), sandbox.getIfName()),
                new PodLife(new PodRef(pod.getNamespace(), pod.getName()), pod.getUid()),
                Path.of("/"),
                binding.getAddressesList().stream()
                        .map(a -> new HeldAddress(Ip.parse(a.getAddress()), new EniId(a.getEniId())))
                        .toList(),
                binding.getFixed(),
                new BootTime(clock.bootId(), Duration.ZERO),
                0,
                WireForm.attachment(binding.getAttachment()));
    }
}
