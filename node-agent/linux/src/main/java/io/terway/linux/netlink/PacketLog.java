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

/** Receives what nftables logs to one netfilter log group of one namespace. One reader thread, a platform thread. */
public final class PacketLog implements AutoCloseable {

    private static final int SUBSYSTEM = 4 << 8;
    private static final int MSG_PACKET = SUBSYSTEM;
    private static final int MSG_CONFIG = SUBSYSTEM | 1;

    private static final int CFG_CMD = 1;
    private static final int CFG_MODE = 2;
    private static final int CFG_QTHRESH = 5;
    private static final byte CMD_BIND = 1;
    private static final byte COPY_PACKET = 2;

    private static final int IN = 4;
    private static final int PAYLOAD = 9;
    private static final int PREFIX = 10;

    /** Bytes of each packet: enough for the headers. */
    private static final int HEADERS = 128;

    private final NetlinkChannel channel;

    private PacketLog(NetlinkChannel channel) {
        this.channel = channel;
    }

    /**
     * Binds the group in the calling thread's namespace.
     *
     * @throws KernelRefusal EBUSY when another process reads the group; EPERM without CAP_NET_ADMIN
     */
    public static PacketLog open(int group) {
        NetlinkChannel channel = NetlinkChannel.openNetfilter(0);
        PacketLog log = new PacketLog(channel);
        try {
            log.configure(group);
        } catch (KernelRefusal e) {
            channel.close();
            throw e;
        }
        return log;
    }

    /** Binds the group in the namespace at {@code netns}. */
    public static PacketLog open(Path netns, int group) {
        return NetnsThread.call(netns, () -> open(group));
    }

    /** The next packets; empty when none came within {@code wait}. Lost ones are lost: a log is a sample. */
    public List<LoggedPacket> poll(Duration wait) {
        if (!channel.await((int) Math.min(wait.toMillis(), Integer.MAX_VALUE))) {
            return List.of();
        }
        List<LoggedPacket> packets = new ArrayList<>();
        try {
            for (NlMessage message : channel.receive("read the packet log")) {
                if (message.type() == MSG_PACKET) {
                    Attributes attributes = Attributes.of(message.reader().position(Conntrack.NFGENMSG));
                    int in = attributes.has(IN)
                            ? attributes.raw(IN).order(ByteOrder.BIG_ENDIAN).getInt(0)
                            : 0;
                    LoggedPacket.of(attributes.string(PREFIX), in, attributes.raw(PAYLOAD))
                            .ifPresent(packets::add);
                }
            }
        } catch (KernelRefusal e) {
            if (!e.errno().equals(Errno.ENOBUFS)) {
                throw e;
            }
        }
        return packets;
    }

    @Override
    public void close() {
        channel.close();
    }

    private void configure(int group) {
        ByteBuffer mode = ByteBuffer.allocate(6).order(ByteOrder.BIG_ENDIAN);
        mode.putInt(HEADERS).put(COPY_PACKET);
        byte[] threshold =
                ByteBuffer.allocate(4).order(ByteOrder.BIG_ENDIAN).putInt(1).array();
        request(group, new NlWriter().attribute(CFG_CMD, new byte[] {CMD_BIND}), 1);
        request(group, new NlWriter().attribute(CFG_MODE, mode.array()).attribute(CFG_QTHRESH, threshold), 2);
    }

    private void request(int group, NlWriter attributes, int sequence) {
        String what = "bind netfilter log group " + group;
        byte[] inside = attributes.bytes();
        ByteBuffer body =
                ByteBuffer.allocate(Conntrack.NFGENMSG + inside.length).order(ByteOrder.BIG_ENDIAN);
        body.put((byte) 0).put((byte) 0).putShort((short) group).put(inside);
        Request request = new Request(what, MSG_CONFIG, 0, body.array());
        ByteBuffer out =
                ByteBuffer.allocate(NlMessage.HEADER + request.length()).order(ByteOrder.nativeOrder());
        NlMessage.write(out, request, request.flags(), sequence);
        channel.send(out, what);
        while (true) {
            for (NlMessage message : channel.receive(what)) {
                if (message.sequence() == sequence && message.type() == NlMessage.NLMSG_ERROR) {
                    if (message.error() != 0) {
                        throw new KernelRefusal(what, message.errno(), message.text());
                    }
                    return;
                }
            }
        }
    }
}
