package io.terway.agent.accel;

import io.terway.agent.apply.EniResult;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.node.Chain;
import io.terway.agent.node.EniLinks;
import io.terway.agent.pods.PodCache;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.node.ledger.Binding;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What may be accelerated, as the node is now.
 *
 * @param obstacle why nothing may be at present; empty when something may
 * @param holder the pod behind an address, if its packets may skip the queues of its links
 * @param eni the link of an ENI whose addresses pods share, once it is up
 */
public record Allowed(
        Supplier<Optional<String>> obstacle, Function<Ip, Optional<Binding>> holder, Function<EniId, OptionalInt> eni) {

    /** Its programs judge packets at the links of pods, and would see those no more that skip the stack. */
    private static final String JUDGES_PACKETS = "cilium-cni";

    public Allowed {
        Objects.requireNonNull(obstacle, "obstacle");
        Objects.requireNonNull(holder, "holder");
        Objects.requireNonNull(eni, "eni");
    }

    /** As the ledger, the pods' bandwidths, the ENIs' links and the chain of plugins say. */
    public static Allowed of(Ledger ledger, PodCache pods, EniLinks links, Chain chain) {
        return new Allowed(
                () -> obstacle(ledger, chain),
                ip -> ledger.read(s -> s.holder(ip))
                        .filter(b -> pods.bandwidth(b.pod().ref()).isUnlimited()),
                eni -> links.link(eni)
                        .filter(_ -> !hasPriorities(ledger))
                        .map(EniResult.Ready::ifindex)
                        .map(OptionalInt::of)
                        .orElse(OptionalInt.empty()));
    }

    /** Packets get their class from rules of the stack. */
    private static boolean hasPriorities(Ledger ledger) {
        return ledger.read(s -> s.config())
                .filter(c -> c.options().networkPriority())
                .isPresent();
    }

    private static Optional<String> obstacle(Ledger ledger, Chain chain) {
        if (ledger.read(s -> s.config())
                .filter(c -> !c.options().acceleration())
                .isPresent()) {
            return Optional.of("eni-config says acceleration: false");
        }
        return chain.has(JUDGES_PACKETS)
                ? Optional.of(JUDGES_PACKETS + " is chained, and its programs must see every packet")
                : Optional.empty();
    }
}
