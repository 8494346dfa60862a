package io.terway.agent.repair;

import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.Neighbour;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteEvent;
import io.terway.linux.netlink.RouteMonitor;
import io.terway.linux.netlink.Rule;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkNames;
import io.terway.node.ledger.Binding;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What an announcement of the kernel may mean damage to. Our own work is announced too: what only says that an object of
 * ours is as we make it raises no suspicion. Pure.
 */
final class Suspicion {

    private final Map<String, SandboxKey> byLink = new HashMap<>();
    private final Map<Ip, SandboxKey> byAddress = new HashMap<>();
    private final Map<Integer, SandboxKey> byNamespace = new HashMap<>();

    /** @param number a sandbox's namespace as events name it */
    Suspicion(Collection<Binding> bindings, Function<Binding, Optional<Integer>> number) {
        for (Binding binding : bindings) {
            SandboxKey key = binding.key();
            byLink.put(LinkNames.hostLink(binding.pod().ref(), key.ifName()), key);
            binding.ips().forEach(ip -> byAddress.put(ip, key));
            number.apply(binding).ifPresent(n -> byNamespace.put(n, key));
        }
    }

    Optional<Target> of(RouteMonitor.Seen seen) {
        return seen.nsid() == RouteMonitor.HERE
                ? onHost(seen.event())
                : Optional.ofNullable(byNamespace.get(seen.nsid()))
                        .filter(key -> inPod(seen.event(), key))
                        .map(Target.Pod::new);
    }

    private Optional<Target> onHost(RouteEvent event) {
        return switch (event) {
            case RouteEvent.LinkChanged(Link link) -> link.up() ? changed(link) : down(link);
            case RouteEvent.LinkGone(Link link) -> down(link);
            case RouteEvent.RouteGone(Route route) -> route(route);
            case RouteEvent.RouteChanged(Route route) ->
                route.protocol() == Conventions.PROTOCOL ? Optional.empty() : foreign(route);
            case RouteEvent.RuleGone(Rule rule) ->
                rule.protocol() == Conventions.PROTOCOL ? rule(rule) : Optional.empty();
            case RouteEvent.NeighbourGone(Neighbour neighbour) -> pod(neighbour.ip());
            case RouteEvent.NeighbourChanged(Neighbour neighbour) ->
                Optional.ofNullable(byAddress.get(neighbour.ip()))
                        .filter(key -> !neighbour.mac().equals(LinkNames.podMac(key)))
                        .map(Target.Pod::new);
            case RouteEvent.FilterGone _ -> Optional.of(new Target.Everything());
            case RouteEvent.Overrun() -> Optional.of(new Target.Everything());
            case RouteEvent.RuleChanged _, RouteEvent.AddressChanged _ -> Optional.empty();
            case RouteEvent.AddressGone _ -> Optional.of(new Target.Node());
        };
    }

    /** In a pod everything that goes is looked after, whoever made it: it costs one look. */
    private static boolean inPod(RouteEvent event, SandboxKey key) {
        return switch (event) {
            case RouteEvent.RouteGone _,
                    RouteEvent.RuleGone _,
                    RouteEvent.AddressGone _,
                    RouteEvent.LinkGone _,
                    RouteEvent.FilterGone _,
                    RouteEvent.Overrun _ -> true;
            case RouteEvent.NeighbourGone(Neighbour neighbour) -> neighbour.protocol() == Conventions.PROTOCOL;
            case RouteEvent.NeighbourChanged(Neighbour neighbour) ->
                !neighbour.mac().equals(LinkNames.hostMac(key))
                        && Stream.of(Family.values())
                                .anyMatch(f -> Conventions.podGateway(f).equals(neighbour.ip()));
            case RouteEvent.LinkChanged(Link link) -> !link.loopback();
            case RouteEvent.RouteChanged(Route route) ->
                route.protocol() != Conventions.PROTOCOL && route.destination().prefixLength() == 0;
            case RouteEvent.RuleChanged _, RouteEvent.AddressChanged _ -> false;
        };
    }

    private Optional<Target> changed(Link link) {
        SandboxKey key = byLink.get(link.name());
        return key == null
                        || link.alias().equals(Conventions.alias(key))
                                && link.mac().equals(LinkNames.hostMac(key))
                ? Optional.empty()
                : Optional.of(new Target.Pod(key));
    }

    /** With a link its routes go unannounced. */
    private Optional<Target> down(Link link) {
        SandboxKey key = byLink.get(link.name());
        if (key != null) {
            return Optional.of(new Target.Pod(key));
        }
        // Links that retire are done with; others may be an ENI or the node's own.
        return link.name().startsWith("twx") || link.name().startsWith("cali") || link.loopback()
                ? Optional.empty()
                : Optional.of(new Target.Enis());
    }

    private Optional<Target> route(Route route) {
        Optional<Target> pod = foreign(route);
        if (pod.isPresent()
                || route.destination().equals(Cidr.single(route.destination().network()))) {
            return pod;
        }
        boolean ofNode = route.table() == Conventions.MAIN_TABLE || route.table() == Conventions.SYMMETRIC_TABLE;
        return Optional.of(ofNode ? new Target.Node() : new Target.Enis());
    }

    /** Somebody else's route may have taken the place of a pod's. */
    private Optional<Target> foreign(Route route) {
        if (route.destination().prefixLength() == 0 && route.table() == Conventions.MAIN_TABLE) {
            return Optional.of(new Target.Node());
        }
        return route.destination().equals(Cidr.single(route.destination().network()))
                ? pod(route.destination().network())
                : Optional.empty();
    }

    private Optional<Target> rule(Rule rule) {
        return pod(rule.from().network()).or(() -> pod(rule.to().network())).or(() -> Optional.of(new Target.Node()));
    }

    private Optional<Target> pod(Ip ip) {
        return Optional.ofNullable(byAddress.get(ip)).map(Target.Pod::new);
    }
}
