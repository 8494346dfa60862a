package io.terway.policy.compile;

import io.terway.net.Cidr;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.Peer;
import io.terway.policy.PortMatch;
import io.terway.policy.Selector;
import java.util.List;
import java.util.stream.Collectors;

/** What a set means; equal meanings are one set, wherever they are written. */
public sealed interface SetKey {

    /** Addresses of the pods that a selector means. */
    record Pods(Peer.Pods peer) implements SetKey {}

    /** Addresses of the nodes that a selector means. */
    record Nodes(Selector labels) implements SetKey {}

    /** Addresses of all pods and nodes: what "world" is outside of. */
    record Cluster() implements SetKey {}

    /** Fixed blocks, disjoint and sorted. */
    record Blocks(List<Cidr> blocks) implements SetKey {
        public Blocks {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * Where a named port leads on the pods that a peer means.
     *
     * @param peer everybody, pods or a block
     */
    record Endpoints(Peer peer, PortMatch.Named port) implements SetKey {}

    /** The same for equal keys, different for others: ids are made of it, so it must not change between releases. */
    default String meaning() {
        return switch (this) {
            case Pods pods -> text(pods.peer());
            case Nodes nodes -> "nodes " + nodes.labels();
            case Cluster _ -> "all pods and nodes";
            case Blocks blocks ->
                blocks.blocks().stream().map(Cidr::toString).collect(Collectors.joining(",", "blocks ", ""));
            case Endpoints endpoints ->
                "port " + endpoints.port().name() + "/" + endpoints.port().protocol() + " of "
                        + switch (endpoints.peer()) {
                            case Peer.Pods pods -> text(pods);
                            case Peer.Block block -> "pods in " + block.cidr() + " except " + block.except();
                            case Peer.Everybody _, Peer.Nodes _, Peer.World _ -> "all pods";
                        };
        };
    }

    private static String text(Peer.Pods pods) {
        return "pods " + pods.pods() + " in "
                + switch (pods.namespaces()) {
                    case NamespaceMatch.Named named -> "namespace " + named.namespace();
                    case NamespaceMatch.Labelled labelled -> "namespaces " + labelled.selector();
                };
    }
}
