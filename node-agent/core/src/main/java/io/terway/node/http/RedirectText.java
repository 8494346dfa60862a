package io.terway.node.http;

import io.terway.net.Ip;
import io.terway.node.http.ChainRule.Turn;
import io.terway.node.policy.Direction;
import io.terway.node.policy.PortSpan;
import io.terway.node.policy.Transport;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Finds in a pod's own nftables whether new connections of certain ports reach a rule that turns them to another port of the
 * pod: what the proxy would read there is not what was asked, but what a sidecar makes of it, mostly TLS. Chains are followed
 * from their hooks as the kernel does, for all ports at once; a rule that asks for more than ports may match or not, and
 * counts where it matters.
 */
public final class RedirectText {

    /** The kernel follows no more jumps than these. */
    private static final int DEEPEST = 16;

    /** Rules and spans that are looked at for one answer: chains can lead to each other in more ways than can be walked. */
    private static final int MOST = 200_000;

    private final PodChains table;
    private final SequencedSet<String> way = new LinkedHashSet<>();
    private Optional<String> turning = Optional.empty();
    private int looked;

    private RedirectText(PodChains table) {
        this.table = table;
    }

    /**
     * The chain that turns some of them.
     *
     * @param ruleset of one namespace, as {@code nft -n list ruleset} prints it
     * @param direction ingress: what comes to the pod; egress: what its processes send
     * @param ports only of interest there
     * @param own addresses of the pod
     * @throws IllegalArgumentException when that cannot be said
     */
    public static Optional<String> find(String ruleset, Direction direction, List<PortSpan> ports, List<Ip> own) {
        BitSet asked = new BitSet();
        ports.stream()
                .filter(port -> port.transport() == Transport.TCP)
                .forEach(port -> asked.set(port.first(), port.last() + 1));
        for (PodChains table : PodChains.read(ruleset, own)) {
            Optional<String> turning = new RedirectText(table).follow(hook(direction), asked);
            if (turning.isPresent()) {
                return turning;
            }
        }
        return Optional.empty();
    }

    private static String hook(Direction direction) {
        return switch (direction) {
            case INGRESS -> "prerouting";
            case EGRESS -> "output";
        };
    }

    private Optional<String> follow(String hook, BitSet ports) {
        table.chains().forEach((name, chain) -> {
            if (chain.hook().equals(Optional.of(hook))) {
                walk(name, ports);
            }
        });
        return turning;
    }

    /** Those that may come back from this chain. */
    private BitSet walk(String name, BitSet ports) {
        PodChains.Chain chain = table.chains().get(name);
        if (chain == null) {
            throw new IllegalArgumentException("a rule leads to the chain " + name + ", which is not listed");
        }
        BitSet back = new BitSet();
        if (way.size() > DEEPEST || !way.add(name)) {
            return ports; // no way of the kernel's
        }
        BitSet here = (BitSet) ports.clone();
        for (ChainRule rule : chain.rules()) {
            looked += rule.cost();
            if (looked > MOST) {
                throw new IllegalArgumentException("following the chains takes more than " + MOST + " steps");
            }
            if (here.isEmpty() || turning.isPresent()) {
                break;
            }
            take(rule, name, here, back);
        }
        way.remove(name);
        back.or(here);
        return back;
    }

    private void take(ChainRule rule, String chain, BitSet here, BitSet back) {
        BitSet matching = rule.of(here);
        if (matching.isEmpty()) {
            return;
        }
        if (rule.exact() && !(rule.turn() instanceof Turn.Next || rule.turn() instanceof Turn.ThroughAny)) {
            here.andNot(matching);
        }
        switch (rule.turn()) {
            case Turn.Next(), Turn.Past() -> {}
            case Turn.Back() -> back.or(matching);
            case Turn.Through(String next) -> here.or(walk(next, matching));
            case Turn.To(String next) -> back.or(walk(next, matching));
            case Turn.ThroughAny() ->
                table.chains().forEach((next, one) -> {
                    if (one.hook().isEmpty()) {
                        walk(next, matching);
                    }
                });
            case Turn.Away() -> turning = Optional.of("chain " + chain + " of table " + table.table());
        }
    }
}
