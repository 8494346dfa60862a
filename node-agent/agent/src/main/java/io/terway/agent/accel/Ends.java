package io.terway.agent.accel;

import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.Ip;
import io.terway.node.datapath.LinkNames;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds both ends of a connection, and asks the kernel's own routes whether its packets go straight between them. */
final class Ends implements AutoCloseable {

    /** Two ends, each of which the host's stack would reach by the other's link. */
    record Pair(End from, End to) {}

    private final Allowed allowed;
    private final RouteSocket socket;

    private Ends(Allowed allowed, RouteSocket socket) {
        this.allowed = allowed;
        this.socket = socket;
    }

    static Ends open(Path host, Allowed allowed) {
        return new Ends(allowed, RouteSocket.open(host));
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
        return allowed.holder()
                .apply(ip)
                .filter(b -> b.attachment() == Attachment.SHARED || b.attachment() == Attachment.ROUTED)
                .flatMap(b -> socket.link(name(b)).filter(Link::up).map(l -> pod(b, ip, l)));
    }

    private static End.Pod pod(Binding b, Ip ip, Link link) {
        return new End.Pod(
                b.key(), ip, link.index(), link.mtu(), b.eni(), LinkNames.hostMac(b.key()), LinkNames.podMac(b.key()));
    }

    private Optional<End.Beyond> beyond(End.Pod pod, Ip far) {
        OptionalInt eni = allowed.eni().apply(pod.eni());
        return eni.isEmpty()
                ? Optional.empty()
                : socket.link(eni.getAsInt())
                        .filter(l -> l.up() && l.mtu() >= pod.mtu())
                        .map(l -> new End.Beyond(far, pod.eni(), l.index()));
    }

    /** Whether an end is still as it was found: pods may have been released, links made anew. */
    Predicate<End> intact() {
        Map<Integer, String> names =
                socket.links().stream().filter(Link::up).collect(Collectors.toMap(Link::index, Link::name));
        return end -> switch (end) {
            case End.Pod pod ->
                allowed.holder()
                        .apply(pod.ip())
                        .filter(b -> b.key().equals(pod.sandbox()))
                        .filter(b -> name(b).equals(names.get(pod.link())))
                        .isPresent();
            case End.Beyond far ->
                names.containsKey(far.link()) && allowed.eni().apply(far.eni()).equals(OptionalInt.of(far.link()));
        };
    }

    private static String name(Binding binding) {
        return LinkNames.hostLink(binding.pod().ref(), binding.key().ifName());
    }

    @Override
    public void close() {
        socket.close();
    }
}
