package io.terway.policy.compile;

import io.terway.net.Cidr;
import io.terway.policy.Blocks;
import io.terway.policy.ClusterPolicy;
import io.terway.policy.ClusterPolicy.Action;
import io.terway.policy.Direction;
import io.terway.policy.HttpRule;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.Policy;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Turns the peers of a policy's rules into sets and its ports into ranges. */
final class RuleCompiler {

    private final Function<SetKey, AddressSet> sets;

    /**
     * @param sets gives the set of a key
     */
    RuleCompiler(Function<SetKey, AddressSet> sets) {
        this.sets = sets;
    }

    CompiledPolicy compile(Policy policy) {
        return new CompiledPolicy(policy, templates(policy, Direction.INGRESS), templates(policy, Direction.EGRESS));
    }

    private List<CompiledPolicy.Template> templates(Policy policy, Direction direction) {
        List<CompiledPolicy.Template> out = new ArrayList<>();
        switch (policy) {
            case NetworkPolicy network -> {
                for (PolicyRule rule : network.rules(direction).orElse(List.of())) {
                    var source = new Verdict.RuleId(policy.id(), rule.index());
                    add(out, direction, source, Action.ACCEPT, rule.peers(), rule.ports(), rule.http());
                }
            }
            case ClusterPolicy cluster -> {
                for (ClusterPolicy.TierRule rule : cluster.rules(direction)) {
                    var source = new Verdict.RuleId(policy.id(), rule.index());
                    add(out, direction, source, rule.action(), rule.peers(), rule.ports(), List.of());
                }
            }
        }
        return out;
    }

    private void add(
            List<CompiledPolicy.Template> out,
            Direction direction,
            Verdict.RuleId source,
            Action action,
            List<Peer> peers,
            List<PortMatch> ports,
            List<HttpRule> http) {
        boolean anyPeer = peers.stream().anyMatch(Peer.Everybody.class::isInstance);
        boolean anyPort = ports.stream().anyMatch(PortMatch.Any.class::isInstance);
        List<PortMatch.Range> ranges = anyPort ? List.of() : ranges(ports);
        List<PortMatch.Named> named = anyPort ? List.of() : named(ports);
        boolean ingress = direction == Direction.INGRESS;
        boolean portsKnown = anyPort || !ranges.isEmpty() || ingress && !named.isEmpty();
        // Sets are made only for rules that use them: nobody else would forget them.
        List<Program.PeerSet> peerSets = anyPeer || !portsKnown ? List.of() : peerSets(peers);
        if (portsKnown && (anyPeer || !peerSets.isEmpty())) {
            out.add(CompiledPolicy.template(
                    source, action, anyPeer, peerSets, anyPort, ranges, ingress ? named : List.of(), http));
        }
        if (!ingress && !named.isEmpty()) {
            List<Program.PeerSet> endpoints = endpoints(anyPeer ? List.of(new Peer.Everybody()) : peers, named);
            if (!endpoints.isEmpty()) {
                out.add(CompiledPolicy.template(source, action, false, endpoints, true, List.of(), List.of(), http));
            }
        }
    }

    /** On egress a named port is the destination's, so it is a set of destinations with their numbers. */
    private List<Program.PeerSet> endpoints(List<Peer> peers, List<PortMatch.Named> named) {
        return peers.stream()
                // Only pods have named ports.
                .filter(peer -> !(peer instanceof Peer.Nodes) && !(peer instanceof Peer.World))
                .distinct()
                .flatMap(peer -> named.stream().map(port -> inside(new SetKey.Endpoints(peer, port))))
                .toList();
    }

    private List<Program.PeerSet> peerSets(List<Peer> peers) {
        List<Program.PeerSet> out = new ArrayList<>();
        List<Cidr> blocks = new ArrayList<>();
        for (Peer peer : peers) {
            switch (peer) {
                case Peer.Everybody _ -> throw new IllegalStateException("everybody needs no set");
                case Peer.Pods pods -> out.add(inside(new SetKey.Pods(pods)));
                case Peer.Nodes nodes -> out.add(inside(new SetKey.Nodes(nodes.labels())));
                case Peer.World world ->
                    out.add(new Program.PeerSet(sets.apply(new SetKey.Cluster()), true, world.family()));
                // Each block loses its own exceptions only; another one may hold them.
                case Peer.Block block -> blocks.addAll(Blocks.without(block.cidr(), block.except()));
            }
        }
        if (!blocks.isEmpty()) {
            out.add(inside(new SetKey.Blocks(Blocks.union(blocks))));
        }
        return out.stream().distinct().toList();
    }

    private Program.PeerSet inside(SetKey key) {
        return new Program.PeerSet(sets.apply(key), false, Optional.empty());
    }

    private static List<PortMatch.Named> named(List<PortMatch> ports) {
        return ports.stream()
                .filter(PortMatch.Named.class::isInstance)
                .map(PortMatch.Named.class::cast)
                .distinct()
                .toList();
    }

    private static List<PortMatch.Range> ranges(List<PortMatch> ports) {
        return ports.stream()
                .flatMap(port -> switch (port) {
                    case PortMatch.Every every ->
                        java.util.stream.Stream.of(new PortMatch.Range(every.protocol(), 1, 65_535));
                    case PortMatch.Range range -> java.util.stream.Stream.of(range);
                    case PortMatch.Any _, PortMatch.Named _ -> java.util.stream.Stream.<PortMatch.Range>empty();
                })
                .distinct()
                .toList();
    }
}
