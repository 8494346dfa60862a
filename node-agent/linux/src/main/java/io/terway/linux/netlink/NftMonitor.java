package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A subscription to the transactions of nftables in one namespace. One reader thread, which must be a platform thread. */
public final class NftMonitor implements AutoCloseable {

    /** What was committed. */
    public sealed interface Event {

        /**
         * A transaction.
         *
         * @param tables names of the tables it touched
         * @param process name of the thread that made it, which anybody may choose
         * @param generation the number that the namespace's tables have since
         */
        record Committed(Set<String> tables, String process, int generation) implements Event {
            public Committed {
                tables = Set.copyOf(tables);
            }
        }

        /** The kernel had to drop events: anything may have happened. */
        record Overrun() implements Event {}
    }

    /** NFNLGRP_NFTABLES is group 7. */
    private static final int GROUP = 1 << 6;

    static final int SUBSYSTEM = 10;
    static final int NEWGEN = 15;
    private static final int TABLE_NAME = 1;
    private static final int GEN_ID = 1;
    private static final int GEN_PROC_NAME = 3;

    /** Room for a transaction of some ten thousand elements, each of which is an event. */
    private static final int RECEIVE_BYTES = 16 << 20;

    private final NetlinkChannel channel;
    private final Set<String> touched = new HashSet<>();

    private NftMonitor(NetlinkChannel channel) {
        this.channel = channel;
    }

    /** Subscribes in the calling thread's namespace. */
    public static NftMonitor open() {
        NetlinkChannel channel = NetlinkChannel.openNetfilter(GROUP);
        channel.receiveBuffer(RECEIVE_BYTES);
        return new NftMonitor(channel);
    }

    /** Subscribes in the namespace at {@code netns}. */
    public static NftMonitor open(Path netns) {
        return NetnsThread.call(netns, NftMonitor::open);
    }

    /** The next transactions, in order; empty when none ended within {@code wait}. */
    public List<Event> poll(Duration wait) {
        if (!channel.await((int) Math.min(wait.toMillis(), Integer.MAX_VALUE))) {
            return List.of();
        }
        List<Event> events = new ArrayList<>();
        try {
            for (NlMessage message : channel.receive("read events of nftables")) {
                read(message, events);
            }
        } catch (KernelRefusal e) {
            if (!e.errno().equals(Errno.ENOBUFS)) {
                throw e;
            }
            touched.clear();
            events.add(new Event.Overrun());
        }
        return events;
    }

    @Override
    public void close() {
        channel.close();
    }

    /** Network byte order; 0 when it does not say. */
    static int generation(Attributes attributes) {
        ByteBuffer id = attributes.raw(GEN_ID);
        return id == null || id.remaining() < Integer.BYTES
                ? 0
                : id.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(0);
    }

    /** Each event names its table in attribute 1, whatever it is about; the new generation ends the transaction. */
    private void read(NlMessage message, List<Event> events) {
        if (message.type() >>> 8 != SUBSYSTEM || message.body().limit() < Conntrack.NFGENMSG) {
            return;
        }
        Attributes attributes = Attributes.of(message.reader().position(Conntrack.NFGENMSG));
        if ((message.type() & 255) == NEWGEN) {
            events.add(new Event.Committed(touched, attributes.string(GEN_PROC_NAME), generation(attributes)));
            touched.clear();
        } else {
            touched.add(attributes.string(TABLE_NAME));
        }
    }
}
