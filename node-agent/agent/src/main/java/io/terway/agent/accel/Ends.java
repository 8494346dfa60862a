package io.terway.agent.accel;

import io.terway.agent.accel.Allowed.Candidate;
import io.terway.agent.accel.Allowed.Exit;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.RouteMonitor;
import io.terway.linux.netlink.RouteMonitor.Topic;
import io.terway.linux.netlink.RouteSocket;
import io.terway.linux.netlink.Way;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Ip;
import io.terway.node.datapath.LinkNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds both ends of a connection, and asks the kernel's own routes whether its packets go straight between them. */
final class Ends implements AutoCloseable {

    /** Two ends, each of which the host's stack would reach by the other's link. */
    record Pair(End from, End to) {}

    private final Allowed allowed;
    private final RouteSocket socket;
    private final RouteMonitor links;
    private Object state;

    private Ends(Allowed allowed, RouteSocket socket, RouteMonitor links) {
        this.allowed = allowed;
        this.socket = socket;
        this.links = links;
        this.state = allowed.state().get();
    }

    static Ends open(Path host, Allowed allowed) {
        RouteMonitor links = NetnsThread.call(host, () -> RouteMonitor.open(EnumSet.of(Topic.LINKS)));
        return new Ends(allowed, RouteSocket.open(host), links);
    }

    /** Empty when no end is a pod of this node that may skip the stack, or the way between them is not straight. */
    Optional<Pair> of(Ip from, Ip to) {
        Optional<End.Pod> source = pod(from);
        Optional<End.Pod> destination = pod(to);
        Optional<Pair> pair;
        if (source.isPresent() && destination.isPresent()) {
            pair = Optional.of(new Pair(source.get(), destination.get()));
        } else if (source.isPresent()) {
            pair = beyond(source.get(), to).map(far -> new Pair(source.get(), far));
        } else {
            pair = destination.flatMap(pod -> beyond(pod, from).map(far -> new Pair(far, pod)));
        }
        return pair.filter(p -> p.from().link() != p.to().link())
                .filter(p -> isStraight(p.from(), p.to()) && isStraight(p.to(), p.from()));
    }

    /** An MTU of the way, or learned about it, is the stack's to keep to. */
    private boolean isStraight(End from, End to) {
        return socket.way(from.ip(), to.ip(), from.link())
                .filter(way -> way.leadsTo(to.link()) && way.mtu() == 0)
                .isPresent();
    }

    private Optional<End.Pod> pod(Ip ip) {
        return allowed.pod()
                .apply(ip)
                .flatMap(c -> socket.link(c.link())
                        .filter(Link::up)
                        .map(l -> new End.Pod(
                                c.sandbox(),
                                ip,
                                l.index(),
                                l.mtu(),
                                LinkNames.hostMac(c.sandbox()),
                                LinkNames.podMac(c.sandbox()))));
    }

    /** By the link that the routes name, if it is the one of the pod's addresses. */
    private Optional<End.Beyond> beyond(End.Pod pod, Ip far) {
        return exit(pod.ip())
                .flatMap(exit -> socket.way(pod.ip(), far, pod.link())
                        .map(Way::ifindex)
                        .flatMap(socket::link)
                        .filter(l -> leads(l, exit) && l.mtu() >= pod.mtu())
                        .map(l -> new End.Beyond(far, l.index(), exit.tag(), pod.ip())));
    }

    private Optional<Exit> exit(Ip pod) {
        return allowed.pod().apply(pod).flatMap(Candidate::exit);
    }

    private static boolean leads(Link link, Exit exit) {
        return link.up() && link.mac().equals(exit.mac());
    }

    /** True when pods were released or links changed since it was last asked: {@link #intact} tells which are left. */
    boolean changed() {
        boolean changed = false;
        while (!links.poll(Duration.ZERO).isEmpty()) {
            changed = true;
        }
        Object before = state;
        state = allowed.state().get();
        return changed || !state.equals(before);
    }

    /** Whether an end is still as it was found. */
    Predicate<End> intact() {
        Map<Integer, Link> up =
                socket.links().stream().filter(Link::up).collect(Collectors.toMap(Link::index, Function.identity()));
        return end -> {
            Optional<Link> link = Optional.ofNullable(up.get(end.link()));
            return switch (end) {
                case End.Pod pod ->
                    allowed.pod()
                            .apply(pod.ip())
                            .filter(c -> c.sandbox().equals(pod.sandbox()))
                            .filter(c ->
                                    link.filter(l -> l.name().equals(c.link())).isPresent())
                            .isPresent();
                case End.Beyond far ->
                    exit(far.pod())
                            .filter(exit -> exit.tag() == far.tag())
                            .filter(exit -> link.filter(l -> leads(l, exit)).isPresent())
                            .isPresent();
            };
        };
    }

    @Override
    public void close() {
        socket.close();
        links.close();
    }
}
