package io.terway.linux.netlink;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The number of the last transaction that nftables of one namespace committed: it grows by one with each, whoever makes
 * it. One thread, which must be a platform thread.
 */
public final class NftGeneration implements AutoCloseable {

    private static final int GETGEN = NftMonitor.SUBSYSTEM << 8 | 16;
    private static final int NEWGEN = NftMonitor.SUBSYSTEM << 8 | NftMonitor.NEWGEN;

    private static final String WHAT = "ask for the generation of nftables";

    private final NetlinkChannel channel;
    private int sequence;

    private NftGeneration(NetlinkChannel channel) {
        this.channel = channel;
    }

    /** Opens one in the namespace at {@code netns}. */
    public static NftGeneration open(Path netns) {
        return NetnsThread.call(netns, () -> new NftGeneration(NetlinkChannel.openNetfilter(0)));
    }

    public int current() {
        Request request = new Request(WHAT, GETGEN, 0, new byte[Conntrack.NFGENMSG]);
        ByteBuffer out =
                ByteBuffer.allocate(NlMessage.HEADER + request.length()).order(ByteOrder.nativeOrder());
        NlMessage.write(out, request, request.flags() & ~Request.NLM_F_ACK, ++sequence);
        channel.send(out, WHAT);
        while (true) {
            for (NlMessage message : channel.receive(WHAT)) {
                if (message.sequence() != sequence) {
                    continue;
                }
                if (message.type() == NlMessage.NLMSG_ERROR && message.error() != 0) {
                    throw new KernelRefusal(WHAT, message.errno(), message.text());
                }
                if (message.type() == NEWGEN) {
                    return NftMonitor.generation(Attributes.of(message.reader().position(Conntrack.NFGENMSG)));
                }
            }
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
