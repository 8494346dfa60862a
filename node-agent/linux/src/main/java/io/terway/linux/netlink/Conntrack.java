package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The connections that one network namespace tracks: that of the thread that opened it. One thread at a time; calls block
 * and belong on a platform thread.
 */
public final class Conntrack implements AutoCloseable {

    /** struct nfgenmsg: family, version, resource id. */
    static final int NFGENMSG = 4;

    private static final int SUBSYSTEM = 1 << 8;
    private static final int CT_NEW = SUBSYSTEM;
    private static final int CT_GET = SUBSYSTEM | 1;
    private static final int CT_DELETE = SUBSYSTEM | 2;

    private static final int CTA_PROTOINFO = 4;
    private static final int CTA_TIMEOUT = 7;
    private static final int CTA_PROTOINFO_TCP = 1;
    private static final int CTA_PROTOINFO_TCP_FLAGS_ORIGINAL = 4;
    private static final int CTA_PROTOINFO_TCP_FLAGS_REPLY = 5;

    private static final Set<Errno> GONE = Set.of(Errno.ENOENT, Errno.ETIME);

    /** IP_CT_TCP_FLAG_BE_LIBERAL. */
    private static final byte BE_LIBERAL = 0x08;

    /** IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED and _MAXACK_SET: what it takes for owed, and the least number a reset may have. */
    private static final byte SEEN_NUMBERS = 0x10 | 0x20;

    /** A busy node tracks some hundred thousand; the kernel sends them in bursts of 32 KiB that it paces itself. */
    private static final int RECEIVE_BYTES = 4 << 20;

    private final NetlinkChannel channel;
    private int sequence;

    private Conntrack(NetlinkChannel channel) {
        this.channel = channel;
    }

    /** Opens one in the calling thread's namespace. */
    public static Conntrack open() {
        NetlinkChannel channel = NetlinkChannel.openNetfilter(0);
        channel.receiveBuffer(RECEIVE_BYTES);
        return new Conntrack(channel);
    }

    /** Opens one in the namespace at {@code netns}. */
    public static Conntrack open(Path netns) {
        return NetnsThread.call(netns, Conntrack::open);
    }

    /** Shows every tracked connection; one that comes or goes meanwhile may be missed. */
    public void forEach(Consumer<ConntrackEntry> visitor) {
        String what = "list tracked connections";
        send(new Request(what, CT_GET, Request.NLM_F_DUMP, new byte[NFGENMSG]));
        while (true) {
            for (NlMessage message : channel.receive(what)) {
                if (message.sequence() != sequence) {
                    continue;
                }
                if (message.type() == NlMessage.NLMSG_DONE || message.type() == NlMessage.NLMSG_ERROR) {
                    if (message.error() != 0) {
                        throw new KernelRefusal(what, message.errno(), message.text());
                    }
                    return;
                }
                ConntrackEntry entry = message.type() == CT_NEW ? ConntrackEntry.decode(message.reader()) : null;
                if (entry != null) {
                    visitor.accept(entry);
                }
            }
        }
    }

    /** Forgets these connections; those that have ended meanwhile are not missed. Says how many were there. */
    public int delete(List<ConntrackEntry> entries) {
        int deleted = 0;
        for (ConntrackEntry entry : entries) {
            deleted += delete(entry) ? 1 : 0;
        }
        return deleted;
    }

    @Override
    public void close() {
        channel.close();
    }

    private boolean delete(ConntrackEntry entry) {
        return ask("forget", CT_DELETE, entry, entry.identity().bytes());
    }

    /**
     * Has the kernel take packets of a TCP connection whatever their sequence numbers, and forget those it has seen: it
     * will not see all of them. So what it last saw unanswered does not make it forget an idle connection early, and no
     * reset is too old for it. False when the connection has ended.
     */
    public boolean relax(ConntrackEntry entry) {
        // struct nf_ct_tcp_flags: what is set, of what.
        byte[] liberal = {BE_LIBERAL, BE_LIBERAL | SEEN_NUMBERS};
        byte[] flags = new NlWriter()
                .attribute(CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, liberal)
                .attribute(CTA_PROTOINFO_TCP_FLAGS_REPLY, liberal)
                .bytes();
        byte[] tcp = new NlWriter().nested(CTA_PROTOINFO_TCP, flags).bytes();
        return change("relax", entry, new NlWriter().nested(CTA_PROTOINFO, tcp).bytes());
    }

    /** Has the kernel forget a connection that stays idle for so long from now on. False when it has ended. */
    public boolean expire(ConntrackEntry entry, Duration idle) {
        byte[] seconds = ByteBuffer.allocate(Integer.BYTES)
                .putInt(Math.toIntExact(idle.toSeconds()))
                .array();
        return change(
                "end", entry, new NlWriter().attribute(CTA_TIMEOUT, seconds).bytes());
    }

    private boolean change(String verb, ConntrackEntry entry, byte[] change) {
        byte[] identity = entry.identity().bytes();
        byte[] both = Arrays.copyOf(identity, identity.length + change.length);
        System.arraycopy(change, 0, both, identity.length, change.length);
        return ask(verb, CT_NEW, entry, both);
    }

    /** False when there is no such connection, or it is just ending. */
    private boolean ask(String verb, int type, ConntrackEntry entry, byte[] attributes) {
        String what = verb + " connection " + entry.from() + " to " + entry.translated() + ":" + entry.translatedPort();
        byte[] body = new byte[NFGENMSG + attributes.length];
        body[0] = (byte) entry.identity().family();
        System.arraycopy(attributes, 0, body, NFGENMSG, attributes.length);
        send(new Request(what, type, 0, body));
        while (true) {
            for (NlMessage message : channel.receive(what)) {
                if (message.sequence() != sequence || message.type() != NlMessage.NLMSG_ERROR) {
                    continue;
                }
                if (message.error() != 0 && !GONE.contains(message.errno())) {
                    throw new KernelRefusal(what, message.errno(), message.text());
                }
                return message.error() == 0;
            }
        }
    }

    private void send(Request request) {
        ByteBuffer out =
                ByteBuffer.allocate(NlMessage.HEADER + request.length()).order(ByteOrder.nativeOrder());
        int flags =
                (request.flags() & Request.NLM_F_DUMP) == 0 ? request.flags() : request.flags() & ~Request.NLM_F_ACK;
        NlMessage.write(out, request, flags, ++sequence);
        channel.send(out, request.what());
    }
}
