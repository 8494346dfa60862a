package io.terway.node.datapath;

import io.terway.node.datapath.DatapathOp.AddAddress;
import io.terway.node.datapath.DatapathOp.AddRule;
import io.terway.node.datapath.DatapathOp.ChangeLink;
import io.terway.node.datapath.DatapathOp.DeleteAddress;
import io.terway.node.datapath.DatapathOp.DeleteNeighbour;
import io.terway.node.datapath.DatapathOp.DeletePodLink;
import io.terway.node.datapath.DatapathOp.DeleteRoute;
import io.terway.node.datapath.DatapathOp.DeleteRule;
import io.terway.node.datapath.DatapathOp.MakeVeth;
import io.terway.node.datapath.DatapathOp.PutNeighbour;
import io.terway.node.datapath.DatapathOp.PutRoute;
import io.terway.node.datapath.DatapathOp.RetireLink;
import io.terway.node.datapath.DatapathOp.SetSysctl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The difference between what is wanted and what is there, as operations in the order of work: the pair, the pod's side,
 * then the host's side with the rules last, so that nothing reaches a half-made pod. Total, deterministic, and empty on
 * its own result.
 */
public final class DatapathPlanner {

    private DatapathPlanner() {}

    /**
     * Plans one side or both. A wanted host link with an alias is the host's end of a veth pair whose other end is the
     * one wanted pod link; every other wanted link must be there already and is only changed.
     */
    public static List<DatapathOp> plan(DatapathState wanted, DatapathState found) {
        List<DatapathOp> ops = new ArrayList<>();
        DatapathState after = pair(wanted, found, ops);
        side(Place.POD, wanted.pod(), after.pod(), ops);
        side(Place.HOST, wanted.host(), after.host(), ops);
        return List.copyOf(ops);
    }

    /** Plans the pair and returns what will be there once it is done. */
    private static DatapathState pair(DatapathState wanted, DatapathState found, List<DatapathOp> ops) {
        if (wanted.pod().links().isEmpty()) {
            return found;
        }
        LinkEntry podEnd = wanted.pod().links().getFirst();
        LinkEntry hostEnd = wanted.host().links().getFirst();
        Optional<LinkEntry> podFound = found.pod().link(podEnd.name());
        Optional<LinkEntry> hostFound = found.host().link(hostEnd.name());
        if (podFound.isPresent()
                && hostFound.filter(h -> h.alias().equals(hostEnd.alias())).isPresent()) {
            return found;
        }
        hostFound.ifPresent(h -> ops.add(new RetireLink(h.name(), h.alias())));
        // Only a link with the MAC we give is ours to delete; a foreign one makes the kernel refuse the pair.
        podFound.filter(p -> p.mac().equals(podEnd.mac())).ifPresent(p -> ops.add(new DeletePodLink(p.name())));
        ops.add(new MakeVeth(hostEnd, podEnd));
        return new DatapathState(
                made(found.host().without(hostEnd.name()), hostEnd),
                made(found.pod().without(podEnd.name()), podEnd));
    }

    /** A new link is down and has no alias. */
    private static NetnsState made(NetnsState before, LinkEntry end) {
        List<LinkEntry> links = new ArrayList<>(before.links());
        links.add(new LinkEntry(end.name(), end.mac(), end.mtu(), false, ""));
        return new NetnsState(
                links, before.sysctls(), before.addresses(), before.neighbours(), before.routes(), before.rules());
    }

    private static void side(Place place, NetnsState wanted, NetnsState found, List<DatapathOp> ops) {
        wanted.sysctls().forEach((key, value) -> {
            if (!value.equals(found.sysctls().get(key))) {
                ops.add(new SetSysctl(place, key, value));
            }
        });
        for (LinkEntry link : wanted.links()) {
            found.link(link.name())
                    .filter(f -> !f.equals(link))
                    .ifPresent(f -> ops.add(new ChangeLink(place, f, link)));
        }
        // New before old: with its last IPv4 address a link loses its IPv4 routes and neighbours.
        missing(wanted.addresses(), found.addresses()).forEach(a -> ops.add(new AddAddress(place, a)));
        missing(found.addresses(), wanted.addresses()).forEach(a -> ops.add(new DeleteAddress(place, a)));
        missing(found.neighbours(), wanted.neighbours()).stream()
                .filter(n -> wanted.neighbours().stream().noneMatch(w -> sameKey(w, n)))
                .forEach(n -> ops.add(new DeleteNeighbour(place, n)));
        missing(wanted.neighbours(), found.neighbours()).forEach(n -> ops.add(new PutNeighbour(place, n)));
        missing(found.routes(), wanted.routes()).stream()
                .filter(r -> wanted.routes().stream().noneMatch(r::replaces))
                .forEach(r -> ops.add(new DeleteRoute(place, r)));
        missingRoutes(wanted, found).forEach(r -> ops.add(new PutRoute(place, r)));
        missing(found.rules(), wanted.rules()).forEach(r -> ops.add(new DeleteRule(place, r)));
        missing(wanted.rules(), found.rules()).forEach(r -> ops.add(new AddRule(place, r)));
    }

    /** Also those found whose link is down: taking it up may not bring them back, putting them again does no harm. */
    private static List<RouteEntry> missingRoutes(NetnsState wanted, NetnsState found) {
        return wanted.routes().stream()
                .filter(r -> !found.routes().contains(r)
                        || found.link(r.link()).filter(l -> !l.up()).isPresent())
                .toList();
    }

    private static boolean sameKey(NeighbourEntry a, NeighbourEntry b) {
        return a.link().equals(b.link()) && a.ip().equals(b.ip());
    }

    private static <T> List<T> missing(List<T> wanted, List<T> found) {
        return wanted.stream().filter(w -> !found.contains(w)).toList();
    }
}
