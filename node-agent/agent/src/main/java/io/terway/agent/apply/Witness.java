package io.terway.agent.apply;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Address;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteFilter;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Conventions;
import io.terway.node.hostport.HostPort;
import io.terway.node.hostport.HostPortTable;
import io.terway.node.ledger.Witnesses.Connected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the kernel has connected, whoever remembers it. Two kinds of links bear a sandbox's name: those on the host, whose
 * addresses are routed to them, and those inside pods that are the VPC's own, which have the addresses themselves and say of
 * which ENI they are. A pod may have both. What a pod that may name links calls one of its own is not believed otherwise.
 */
final class Witness {

    /** Where runtimes keep the namespaces of sandboxes. */
    private static final List<Path> NAMESPACES = List.of(Path.of("/run/netns"), Path.of("/run/docker/netns"));

    private Witness() {}

    /** A link in a namespace, with its addresses that are of use beyond it. */
    private record Inside(Path netns, Link link, List<Ip> addresses) {}

    /** @throws KernelRefusal when the host's namespace cannot be read */
    static List<Connected> of(Path host) {
        return of(host, NAMESPACES);
    }

    /** @param directories of namespaces, which the kernel itself does not list */
    static List<Connected> of(Path host, List<Path> directories) {
        return NetnsThread.onFreshThread("witness", () -> {
            List<Inside> homes = homes(directories);
            Map<String, Connected> found = new LinkedHashMap<>();
            try (RouteSocket socket = RouteSocket.open(host)) {
                Map<Integer, List<Ip>> routed = routed(socket);
                for (Link link : socket.links()) {
                    List<Ip> addresses = routed.getOrDefault(link.index(), List.of());
                    connected(link, addresses, netns(link, addresses, homes)).ifPresent(c -> found.put(key(c), c));
                }
            }
            // Its own link says more than a link on the host that lost its routes.
            for (Inside home : homes) {
                connected(home.link(), home.addresses(), Optional.of(home.netns()))
                        .filter(c -> c.eni().isPresent() && !c.addresses().isEmpty())
                        .ifPresent(c -> found.merge(
                                key(c), c, (before, now) -> before.addresses().isEmpty() ? now : before));
            }
            return withPorts(host, found.values());
        });
    }

    /** Where the other end of a host's link is: a pod may give itself any address, but not another pod's link. */
    private static Optional<Path> netns(Link link, List<Ip> addresses, List<Inside> homes) {
        Set<Path> claim = homes.stream()
                .filter(home -> home.addresses().stream().anyMatch(addresses::contains))
                .map(Inside::netns)
                .collect(Collectors.toSet());
        return homes.stream()
                .filter(home -> home.link().peer() == link.index() && claim.contains(home.netns()))
                .map(Inside::netns)
                .findFirst();
    }

    private static String key(Connected connected) {
        return connected.containerId() + "/" + connected.ifName();
    }

    /** Empty for a link of Calico, or of an earlier Terway: the name is the same, the alias is not. */
    private static Optional<Connected> connected(Link link, List<Ip> addresses, Optional<Path> netns) {
        return Conventions.sandbox(link.alias())
                .map(sandbox -> new Connected(
                        sandbox.containerId(),
                        sandbox.ifName(),
                        sandbox.own().map(Conventions.Own::name).orElse(link.name()),
                        addresses,
                        netns,
                        List.of(),
                        sandbox.own().map(Conventions.Own::eni)));
    }

    private static List<Connected> withPorts(Path host, Iterable<Connected> found) {
        Map<Ip, List<HostPort>> ports = NodeTable.listing(host, HostPortTable.NAME)
                .map(HostPortTable::read)
                .orElse(Map.of());
        List<Connected> all = new ArrayList<>();
        for (Connected c : found) {
            List<HostPort> led = c.addresses().stream()
                    .flatMap(ip -> ports.getOrDefault(ip, List.of()).stream())
                    .toList();
            all.add(c.at(led));
        }
        return List.copyOf(all);
    }

    private static Map<Integer, List<Ip>> routed(RouteSocket socket) {
        Map<Integer, List<Ip>> routed = new HashMap<>();
        for (Family family : Family.values()) {
            RouteFilter ours = RouteFilter.table(family, Conventions.MAIN_TABLE).protocol(Conventions.PROTOCOL);
            for (Route route : socket.routes(ours)) {
                if (route.destination().prefixLength() == family.bits()) {
                    routed.computeIfAbsent(route.ifindex(), _ -> new ArrayList<>())
                            .add(route.destination().network());
                }
            }
        }
        return routed;
    }

    /** Every link in a namespace of a sandbox. */
    private static List<Inside> homes(List<Path> directories) {
        List<Inside> homes = new ArrayList<>();
        for (Path directory : directories) {
            if (Files.isDirectory(directory)) {
                try (Stream<Path> files = Files.list(directory)) {
                    files.forEach(netns -> homes.addAll(inside(netns)));
                } catch (IOException | UncheckedIOException unreadable) {
                    continue; // a namespace that is not found is only repaired later
                }
            }
        }
        return homes;
    }

    private static List<Inside> inside(Path netns) {
        List<Inside> found = new ArrayList<>();
        try (RouteSocket socket = RouteSocket.open(netns)) {
            for (Link link : socket.links()) {
                if (!link.loopback()) {
                    List<Ip> addresses = socket.addresses(link.index()).stream()
                            .filter(a -> a.scope() == 0)
                            .map(Address::ip)
                            .toList();
                    found.add(new Inside(netns, link, addresses));
                }
            }
        } catch (KernelRefusal gone) {
            return List.of(); // no namespace, or no more
        }
        return found;
    }
}
