package io.terway.agent.apply;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.Route;
import io.terway.linux.netlink.RouteFilter;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.LinkNames;
import io.terway.node.hostport.HostPort;
import io.terway.node.hostport.HostPortTable;
import io.terway.node.ledger.Rebuild.Connected;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the kernel has connected, whoever remembers it: links of ours on the host and the addresses routed to them. */
final class Witness {

    /** Where runtimes keep the namespaces of sandboxes. */
    private static final List<Path> NAMESPACES = List.of(Path.of("/run/netns"), Path.of("/run/docker/netns"));

    private Witness() {}

    /** @throws KernelRefusal when the host's namespace cannot be read */
    static List<Connected> of(Path host) {
        return NetnsThread.onFreshThread("witness", () -> {
            List<Connected> found = new ArrayList<>();
            Map<Ip, Path> homes = homes();
            Map<Ip, List<HostPort>> ports = NodeTable.listing(host, HostPortTable.NAME)
                    .map(HostPortTable::read)
                    .orElse(Map.of());
            try (RouteSocket socket = RouteSocket.open(host)) {
                Map<Integer, List<Ip>> routed = routed(socket);
                for (Link link : socket.links()) {
                    if (link.name().startsWith(LinkNames.HOST_PREFIX)) {
                        List<Ip> addresses = routed.getOrDefault(link.index(), List.of());
                        connected(link, addresses, homes, ports).ifPresent(found::add);
                    }
                }
            }
            return List.copyOf(found);
        });
    }

    /** Empty for a link of Calico, or of an earlier Terway: the name is the same, the alias is not. */
    private static Optional<Connected> connected(
            Link link, List<Ip> addresses, Map<Ip, Path> homes, Map<Ip, List<HostPort>> ports) {
        return Conventions.sandbox(link.alias())
                .map(sandbox -> new Connected(
                        sandbox.containerId(),
                        sandbox.ifName(),
                        link.name(),
                        addresses,
                        addresses.stream()
                                .map(homes::get)
                                .filter(p -> p != null)
                                .findFirst(),
                        addresses.stream()
                                .flatMap(ip -> ports.getOrDefault(ip, List.of()).stream())
                                .toList()));
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

    /** The namespace that has each address. */
    private static Map<Ip, Path> homes() {
        Map<Ip, Path> homes = new HashMap<>();
        for (Path directory : NAMESPACES) {
            if (Files.isDirectory(directory)) {
                try (Stream<Path> files = Files.list(directory)) {
                    files.forEach(netns -> addresses(netns).forEach(ip -> homes.put(ip, netns)));
                } catch (IOException | UncheckedIOException unreadable) {
                    continue; // a namespace that is not found is only repaired later
                }
            }
        }
        return homes;
    }

    private static List<Ip> addresses(Path netns) {
        List<Ip> addresses = new ArrayList<>();
        try (RouteSocket socket = RouteSocket.open(netns)) {
            for (Link link : socket.links()) {
                if (!link.loopback()) {
                    socket.addresses(link.index()).forEach(a -> addresses.add(a.ip()));
                }
            }
        } catch (KernelRefusal gone) {
            return List.of(); // no namespace, or no more
        }
        return addresses;
    }
}
