package io.terway.policy.lint;

import io.terway.policy.NamespaceMatch;
import io.terway.policy.Peer;
import io.terway.policy.PortMatch;
import io.terway.policy.Selector;
import java.util.List;

/** When one part of a rule says all that another says. Never true in doubt. */
final class Covers {

    private Covers() {}

    static boolean peers(List<Peer> wide, List<Peer> narrow) {
        return narrow.stream().allMatch(one -> wide.stream().anyMatch(other -> peer(other, one)));
    }

    static boolean ports(List<PortMatch> wide, List<PortMatch> narrow) {
        return narrow.stream().allMatch(one -> wide.stream().anyMatch(other -> port(other, one)));
    }

    static boolean peer(Peer wide, Peer narrow) {
        if (wide.equals(narrow)) {
            return true;
        }
        return switch (wide) {
            case Peer.Everybody _ -> true;
            case Peer.Pods pods -> narrow instanceof Peer.Pods others && pods(pods, others);
            case Peer.Block block ->
                narrow instanceof Peer.Block other
                        && block.cidr().contains(other.cidr())
                        && block.except().stream()
                                .allMatch(hole -> !hole.overlaps(other.cidr())
                                        || other.except().stream().anyMatch(its -> its.contains(hole)));
            case Peer.Nodes nodes -> narrow instanceof Peer.Nodes others && selector(nodes.labels(), others.labels());
            case Peer.World world ->
                narrow instanceof Peer.World && world.family().isEmpty();
        };
    }

    static boolean pods(Peer.Pods wide, Peer.Pods narrow) {
        boolean there = wide.namespaces().equals(narrow.namespaces())
                || wide.namespaces() instanceof NamespaceMatch.Labelled labelled
                        && (labelled.selector().equals(Selector.ALL)
                                || narrow.namespaces() instanceof NamespaceMatch.Labelled other
                                        && selector(labelled.selector(), other.selector()));
        return there && selector(wide.pods(), narrow.pods());
    }

    /** Fewer conditions match more. */
    private static boolean selector(Selector wide, Selector narrow) {
        return narrow.pairs().entrySet().containsAll(wide.pairs().entrySet())
                && narrow.requirements().containsAll(wide.requirements());
    }

    private static boolean port(PortMatch wide, PortMatch narrow) {
        if (wide.equals(narrow)) {
            return true;
        }
        return switch (wide) {
            case PortMatch.Any _ -> true;
            case PortMatch.Every every ->
                switch (narrow) {
                    case PortMatch.Any _ -> false;
                    case PortMatch.Every other -> other.protocol() == every.protocol();
                    case PortMatch.Range range -> range.protocol() == every.protocol();
                    case PortMatch.Named named -> named.protocol() == every.protocol();
                };
            case PortMatch.Range range ->
                narrow instanceof PortMatch.Range other
                        && range.contains(other.protocol(), other.first())
                        && range.contains(other.protocol(), other.last());
            case PortMatch.Named _ -> false;
        };
    }
}
