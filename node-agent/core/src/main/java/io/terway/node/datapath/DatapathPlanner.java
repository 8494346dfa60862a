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

    /** Plans a pod: its links are made as they must be, then both sides are compared. */
    public static List<DatapathOp> plan(Wiring wanted, DatapathState found) {
        List<DatapathOp> ops = new ArrayList<>();
        DatapathState after = found;
        for (Wire wire : wanted.wires()) {
            after = wired(wire, after, ops);
        }
        sides(wanted.state(), after, ops);
        return List.copyOf(ops);
    }

    /** Plans what needs no link made: every wanted link must be there already and is only changed. */
    public static List<DatapathOp> plan(DatapathState wanted, DatapathState found) {
        List<DatapathOp> ops = new ArrayList<>();
        sides(wanted, found, ops);
        return List.copyOf(ops);
    }

    private static void sides(DatapathState wanted, DatapathState found, List<DatapathOp> ops) {
        side(Place.POD, wanted.pod(), found.pod(), ops);
        side(Place.HOST, wanted.host(), found.host(), ops);
    }

    /** Plans one link and returns what will be there once it is made. */
    private static DatapathState wired(Wire wire, DatapathState found, List<DatapathOp> ops) {
        LinkEntry pod = wire.pod();
        Optional<LinkEntry> there = found.pod().link(pod.name());
        switch (wire) {
            case Wire.Veth veth -> {
                return pair(veth, found, there, ops);
            }
            case Wire.Moved(String hostLink, var _) -> {
                if (there.filter(p -> wire.isOurs(p.mac())).isPresent()) {
                    return found;
                }
                ops.add(new DatapathOp.MoveIn(hostLink, pod));
            }
            case Wire.Child(String parent, Wire.Slice slice, var _) -> {
                if (there.filter(p -> wire.isOurs(p.mac())).isPresent()) {
                    return found;
                }
                ops.add(new DatapathOp.MakeChild(parent, slice, pod));
            }
        }
        // It has whatever MTU its origin has.
        LinkEntry unknownMtu = new LinkEntry(pod.name(), pod.mac(), 0, false, "");
        return new DatapathState(found.host(), found.pod().withNew(unknownMtu, ""));
    }

    private static DatapathState pair(
            Wire.Veth wire, DatapathState found, Optional<LinkEntry> podFound, List<DatapathOp> ops) {
        Optional<LinkEntry> hostFound = found.host().link(wire.host().name());
        if (podFound.isPresent()
                && hostFound.filter(h -> h.alias().equals(wire.host().alias())).isPresent()) {
            return found;
        }
        hostFound.ifPresent(h -> ops.add(new RetireLink(h.name(), h.alias())));
        // Only a link with the MAC we give is ours to delete; a foreign one makes the kernel refuse the pair.
        podFound.filter(p -> wire.isOurs(p.mac())).ifPresent(p -> ops.add(new DeletePodLink(p.name())));
        ops.add(new MakeVeth(wire.host(), wire.pod()));
        return new DatapathState(
                found.host().withNew(wire.host(), ""), found.pod().withNew(wire.pod(), ""));
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
        missing(found.tags(), wanted.tags()).stream()
                .filter(t -> wanted.tags().stream().noneMatch(w -> sameKey(w, t)))
                .forEach(t -> ops.add(new DatapathOp.DeleteTag(t)));
        missing(wanted.tags(), found.tags()).forEach(t -> ops.add(new DatapathOp.PutTag(t)));
        missing(wanted.tables(), found.tables()).forEach(t -> ops.add(new DatapathOp.PutTable(place, t)));
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

    private static boolean sameKey(TagEntry a, TagEntry b) {
        return a.trunkLink().equals(b.trunkLink()) && a.from().equals(b.from());
    }

    private static <T> List<T> missing(List<T> wanted, List<T> found) {
        return wanted.stream().filter(w -> !found.contains(w)).toList();
    }
}
