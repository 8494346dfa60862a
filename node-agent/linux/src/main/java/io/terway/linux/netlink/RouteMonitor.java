package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A subscription to the changes of one network namespace. One reader thread, which must be a platform thread. */
public final class RouteMonitor implements AutoCloseable {

    /** What to be told of; IPv4 and IPv6 alike. */
    public enum Topic {
        LINKS(1),
        NEIGHBOURS(4),
        ADDRESSES(0x10 | 0x100),
        ROUTES(0x40 | 0x400),
        /** RTNLGRP_IPV4_RULE is group 8, RTNLGRP_IPV6_RULE group 19. */
        RULES(1 << 7 | 1 << 18),
        /** Queueing disciplines and filters. */
        TRAFFIC_CONTROL(8);

        private final int groups;

        Topic(int groups) {
            this.groups = groups;
        }
    }

    /** The number of the monitor's own namespace. */
    public static final int HERE = -1;

    /** A change, and the namespace it happened in: {@link #HERE} or its number here ({@link Nsids}). */
    public record Seen(int nsid, RouteEvent event) {}

    /** Room for a burst of some thousand changes. */
    private static final int RECEIVE_BYTES = 4 << 20;

    private static final int RTM_DELQDISC = 37;

    private final NetlinkChannel channel;

    private RouteMonitor(NetlinkChannel channel) {
        this.channel = channel;
    }

    /** Subscribes in the calling thread's namespace. */
    public static RouteMonitor open(Set<Topic> topics) {
        int groups = topics.stream().mapToInt(t -> t.groups).reduce(0, (a, b) -> a | b);
        NetlinkChannel channel = NetlinkChannel.open(groups);
        channel.receiveBuffer(RECEIVE_BYTES);
        return new RouteMonitor(channel);
    }

    /** Subscribes to everything in the namespace at {@code netns}. */
    public static RouteMonitor openAll(Path netns) {
        return NetnsThread.call(netns, () -> open(EnumSet.allOf(Topic.class)));
    }

    /** Subscribes to everything in the namespace at {@code netns} and, where allowed, in all it has numbers for. */
    public static RouteMonitor openEverywhere(Path netns) {
        RouteMonitor monitor = openAll(netns);
        monitor.channel.listenEverywhere();
        return monitor;
    }

    /** As {@link #poll}, with the namespace of each change. */
    public List<Seen> pollEverywhere(Duration wait) {
        if (!channel.await((int) Math.min(wait.toMillis(), Integer.MAX_VALUE))) {
            return List.of();
        }
        try {
            NetlinkChannel.Datagram datagram = channel.receiveDatagram("read netlink events");
            List<Seen> seen = new ArrayList<>();
            for (NlMessage message : datagram.messages()) {
                decode(message).ifPresent(event -> seen.add(new Seen(datagram.nsid(), event)));
            }
            return seen;
        } catch (KernelRefusal e) {
            if (e.errno().equals(Errno.EINTR)) {
                return List.of();
            }
            if (!e.errno().equals(Errno.ENOBUFS)) {
                throw e;
            }
            return List.of(new Seen(HERE, new RouteEvent.Overrun()));
        }
    }

    /** The next changes, in order; empty when none came within {@code wait}. */
    public List<RouteEvent> poll(Duration wait) {
        if (!channel.await((int) Math.min(wait.toMillis(), Integer.MAX_VALUE))) {
            return List.of();
        }
        List<RouteEvent> events = new ArrayList<>();
        try {
            for (NlMessage message : channel.receive("read netlink events")) {
                decode(message).ifPresent(events::add);
            }
        } catch (KernelRefusal e) {
            if (!e.errno().equals(Errno.ENOBUFS)) {
                throw e;
            }
            events.add(new RouteEvent.Overrun());
        }
        return events;
    }

    @Override
    public void close() {
        channel.close();
    }

    /** Message types are an open set, so this switch has a default: kinds of no interest. */
    private static Optional<RouteEvent> decode(NlMessage m) {
        return switch (m.type()) {
            case Links.RTM_NEWLINK -> Optional.of(new RouteEvent.LinkChanged(Link.decode(m.reader())));
            case Links.RTM_DELLINK -> Optional.of(new RouteEvent.LinkGone(Link.decode(m.reader())));
            case Address.RTM_NEWADDR -> Optional.of(new RouteEvent.AddressChanged(Address.decode(m.reader())));
            case Address.RTM_DELADDR -> Optional.of(new RouteEvent.AddressGone(Address.decode(m.reader())));
            case Neighbour.RTM_NEWNEIGH -> Optional.of(new RouteEvent.NeighbourChanged(Neighbour.decode(m.reader())));
            case Neighbour.RTM_DELNEIGH -> Optional.of(new RouteEvent.NeighbourGone(Neighbour.decode(m.reader())));
            case Route.RTM_NEWROUTE ->
                Optional.ofNullable(Route.decode(m.reader())).map(RouteEvent.RouteChanged::new);
            case Route.RTM_DELROUTE ->
                Optional.ofNullable(Route.decode(m.reader())).map(RouteEvent.RouteGone::new);
            case Rule.RTM_NEWRULE ->
                Optional.ofNullable(Rule.decode(m.reader())).map(RouteEvent.RuleChanged::new);
            case Rule.RTM_DELRULE ->
                Optional.ofNullable(Rule.decode(m.reader())).map(RouteEvent.RuleGone::new);
            case RTM_DELQDISC, BpfFilter.RTM_DELTFILTER ->
                Optional.of(new RouteEvent.FilterGone(m.reader().getInt(4)));
            default -> Optional.empty();
        };
    }
}
