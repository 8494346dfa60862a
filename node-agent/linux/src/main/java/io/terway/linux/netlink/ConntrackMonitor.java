package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A subscription to what becomes of the connections one network namespace tracks. Of connections that are older than the
 * subscription the kernel may tell nothing. One reader thread, which must be a platform thread.
 */
public final class ConntrackMonitor implements AutoCloseable {

    /** What became of a connection. */
    public sealed interface Event {

        /** It is new, and its first packet has passed every rule. All are told, translated ones too. */
        record Opened(ConntrackEntry connection) implements Event {}

        /**
         * It went on. Only those whose two directions mirror each other in the default zone are told of.
         *
         * @param assured true once traffic went both ways for good: the kernel then drops it last
         * @param plain true when the kernel has no other part in it than to follow it
         * @param tcpState TCP_CONNTRACK_*; {@link #UNTOLD} when the event is about something else
         */
        record Changed(ConntrackEntry connection, boolean assured, boolean plain, int tcpState) implements Event {}

        /** It is tracked no more; likewise only of those that mirror. */
        record Ended(ConntrackEntry connection) implements Event {}

        /** The kernel had to drop events: anything may have happened. */
        record Overrun() implements Event {}
    }

    public static final int UNTOLD = -1;
    public static final int ESTABLISHED = 3;

    /** NFNLGRP_CONNTRACK_UPDATE is group 2, _DESTROY group 3. */
    private static final int GROUPS = 1 << 1 | 1 << 2;

    /** NFNLGRP_CONNTRACK_NEW is group 1. */
    private static final int GROUP_NEW = 1;

    private static final int CT_NEW = 1 << 8;
    private static final int CT_DELETE = 1 << 8 | 2;
    private static final int CTA_STATUS = 3;
    private static final int CTA_PROTOINFO = 4;
    private static final int CTA_PROTOINFO_TCP = 1;
    private static final int CTA_PROTOINFO_TCP_STATE = 1;
    private static final int IPS_ASSURED = 1 << 2;
    private static final int IPS_NAT = 1 << 4 | 1 << 5;

    /** Some ten thousand events. */
    private static final int RECEIVE_BYTES = 4 << 20;

    private final NetlinkChannel channel;
    private final boolean openings;

    private ConntrackMonitor(NetlinkChannel channel, boolean openings) {
        this.channel = channel;
        this.openings = openings;
    }

    /**
     * Subscribes in the namespace at {@code netns}, to connections with traffic both ways for good, until they begin to end:
     * of others, and of what follows, the kernel is asked to tell nothing, because each message costs time.
     */
    public static ConntrackMonitor open(Path netns) {
        return NetnsThread.call(netns, () -> {
            NetlinkChannel channel = NetlinkChannel.openNetfilter(GROUPS, SocketFilter.LASTING);
            channel.receiveBuffer(RECEIVE_BYTES);
            return new ConntrackMonitor(channel, false);
        });
    }

    /**
     * Subscribes to connections that are new, and nothing that comes of them: each is {@link Event.Opened}.
     *
     * @param oneIn of so many one is told, chosen at random in the kernel
     */
    public static ConntrackMonitor ofNew(Path netns, int oneIn) {
        return NetnsThread.call(netns, () -> {
            NetlinkChannel channel = NetlinkChannel.openNetfilter(GROUP_NEW, SocketFilter.oneIn(oneIn));
            channel.receiveBuffer(RECEIVE_BYTES);
            return new ConntrackMonitor(channel, true);
        });
    }

    /** The next events, in order; empty when none came within {@code wait}. */
    public List<Event> poll(Duration wait) {
        if (!channel.await((int) Math.min(wait.toMillis(), Integer.MAX_VALUE))) {
            return List.of();
        }
        List<Event> events = new ArrayList<>();
        try {
            for (NlMessage message : channel.receive("read events of connections")) {
                read(message, events);
            }
        } catch (KernelRefusal e) {
            if (!e.errno().equals(Errno.ENOBUFS)) {
                throw e;
            }
            events.add(new Event.Overrun());
        }
        return events;
    }

    private void read(NlMessage message, List<Event> events) {
        int type = message.type();
        if (type != CT_NEW && type != CT_DELETE || message.body().limit() < Conntrack.NFGENMSG) {
            return;
        }
        if (openings) {
            Optional.ofNullable(ConntrackEntry.decode(message.reader()))
                    .ifPresent(entry -> events.add(new Event.Opened(entry)));
            return;
        }
        Attributes all = Attributes.of(message.reader().position(Conntrack.NFGENMSG));
        ConntrackEntry entry = ConntrackEntry.isMirrored(all) ? ConntrackEntry.decode(message.reader()) : null;
        if (entry == null) {
            return;
        }
        if (type == CT_DELETE) {
            events.add(new Event.Ended(entry));
            return;
        }
        int status = bigEndian(all.raw(CTA_STATUS));
        int state = all.nested(CTA_PROTOINFO).nested(CTA_PROTOINFO_TCP).u8(CTA_PROTOINFO_TCP_STATE, UNTOLD);
        boolean plain = (status & IPS_NAT) == 0 && !ConntrackEntry.isMinded(all);
        events.add(new Event.Changed(entry, (status & IPS_ASSURED) != 0, plain, state));
    }

    private static int bigEndian(ByteBuffer raw) {
        return raw != null && raw.remaining() == Integer.BYTES
                ? raw.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(raw.position())
                : 0;
    }

    @Override
    public void close() {
        channel.close();
    }
}
