package io.terway.agent.accel;

import io.terway.agent.ledger.Ledger;
import io.terway.agent.node.Chain;
import io.terway.agent.pods.PodCache;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.LinkNames;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NetworkOptions;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.VlanStrip;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What may be accelerated, as the node is now.
 *
 * @param obstacle why nothing may be at present; empty when something may
 * @param pod the pod behind an address, if its packets may skip the queues of its links
 * @param state equal to what it was before as long as no answer of {@code pod} has changed
 */
public record Allowed(
        Supplier<Optional<String>> obstacle, Function<Ip, Optional<Candidate>> pod, Supplier<Object> state) {

    /**
     * A pod that may skip the host's stack.
     *
     * @param link name of the host's end of its veth pair
     * @param exit where its packets leave the node; empty when the stack must send those
     */
    public record Candidate(SandboxKey sandbox, String link, Optional<Exit> exit) {}

    /**
     * A link into the VPC.
     *
     * @param mac of the link
     * @param tag its packets for the pod bear; 0 for none
     */
    public record Exit(Mac mac, int tag) {}

    private record State(String ledger, long sequence, Optional<NodeConfig> config, Set<OfferedEni> enis, long pods) {}

    /** Its programs judge packets at the links of pods, and would see those no more that skip the stack. */
    private static final String JUDGES_PACKETS = "cilium-cni";

    public Allowed {
        Objects.requireNonNull(obstacle, "obstacle");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(state, "state");
    }

    /** As the ledger, the pods' bandwidths and the chain of plugins say. */
    public static Allowed of(Ledger ledger, PodCache pods, Chain chain) {
        return new Allowed(
                () -> obstacle(ledger, chain),
                ip -> ledger.read(s -> s.holder(ip)
                        .filter(b -> pods.bandwidth(b.pod().ref()).isUnlimited())
                        .flatMap(b -> candidate(s, b))),
                () -> ledger.read(
                        s -> new State(s.ledgerId(), s.sequence(), s.config(), Set.copyOf(s.enis()), pods.version())));
    }

    private static Optional<Candidate> candidate(LedgerState state, Binding binding) {
        if (binding.attachment() == Attachment.EXCLUSIVE) {
            return Optional.empty(); // its link is not the host's
        }
        String link = LinkNames.hostLink(binding.pod().ref(), binding.key().ifName());
        return Optional.of(new Candidate(binding.key(), link, exit(state, binding)));
    }

    private static Optional<Exit> exit(LedgerState state, Binding binding) {
        NetworkOptions options = state.config().map(NodeConfig::options).orElse(NetworkOptions.DEFAULTS);
        Optional<OfferedEni> eni = state.eni(binding.eni());
        if (options.networkPriority() || eni.isEmpty()) {
            return Optional.empty(); // packets get their class from rules of the stack
        }
        return switch (eni.get().role()) {
            case EniRole.Primary(), EniRole.Secondary(), EniRole.Trunk() ->
                Optional.of(new Exit(eni.get().mac(), 0));
            case EniRole.Member(var trunk, int vlan) ->
                state.eni(trunk)
                        .filter(_ -> options.vlanStrip() == VlanStrip.FILTER)
                        .map(t -> new Exit(t.mac(), vlan));
        };
    }

    private static Optional<String> obstacle(Ledger ledger, Chain chain) {
        Optional<NodeConfig> config = ledger.read(s -> s.config());
        if (config.isEmpty()) {
            return Optional.of("ipam-service has not configured this node yet");
        }
        if (!config.get().options().acceleration()) {
            return Optional.of("eni-config says acceleration: false");
        }
        return chain.has(JUDGES_PACKETS)
                ? Optional.of(JUDGES_PACKETS + " is chained, and its programs must see every packet")
                : Optional.empty();
    }
}
