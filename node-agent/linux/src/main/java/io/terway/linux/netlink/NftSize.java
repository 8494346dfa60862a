package io.terway.linux.netlink;

import io.terway.linux.ffm.KernelRefusal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * How much nftables of one namespace holds, by listing it and keeping nothing: its owner may have put anything there. Elements
 * of named sets do not count, because a terse list does not read them.
 */
public final class NftSize {

    private static final int GETTABLE = 1;
    private static final int GETCHAIN = 4;
    private static final int GETRULE = 7;
    private static final int GETSET = 10;
    private static final int GETSETELEM = 13;
    private static final int GETOBJ = 19;
    private static final int GETFLOWTABLE = 23;

    private static final int NFTA_SET_TABLE = 1;
    private static final int NFTA_SET_NAME = 2;
    private static final int NFTA_SET_FLAGS = 3;
    private static final int NFT_SET_ANONYMOUS = Integer.reverseBytes(1);

    private static final int NFTA_SET_ELEM_LIST_TABLE = 1;
    private static final int NFTA_SET_ELEM_LIST_SET = 2;

    private static final String WHAT = "measure nftables";

    /** A set that belongs to one rule, and is read with it. */
    private record Anonymous(byte family, String table, String name) {}

    private final NetlinkChannel channel;
    private long left;
    private int sequence;

    private NftSize(NetlinkChannel channel, long most) {
        this.channel = channel;
        left = most;
    }

    /** True when it is more than {@code most} bytes in the calling thread's namespace. */
    public static boolean exceedsHere(long most) {
        NetlinkChannel channel = NetlinkChannel.openNetfilter(0);
        try {
            return new NftSize(channel, most).exceeds();
        } finally {
            channel.close();
        }
    }

    private boolean exceeds() {
        for (int type : List.of(GETTABLE, GETCHAIN, GETRULE, GETOBJ, GETFLOWTABLE)) {
            dump(type, new byte[Conntrack.NFGENMSG], _ -> {});
        }
        List<Anonymous> sets = new ArrayList<>();
        dump(GETSET, new byte[Conntrack.NFGENMSG], set -> {
            ByteBuffer body = set.reader();
            byte family = body.get();
            Attributes found = Attributes.of(body.position(Conntrack.NFGENMSG));
            if ((found.u32(NFTA_SET_FLAGS, 0) & NFT_SET_ANONYMOUS) != 0) {
                sets.add(new Anonymous(family, found.string(NFTA_SET_TABLE), found.string(NFTA_SET_NAME)));
            }
        });
        for (Anonymous set : sets) {
            NlWriter elements = new NlWriter().u8(set.family()).u8(0).u16(0);
            elements.string(NFTA_SET_ELEM_LIST_TABLE, set.table()).string(NFTA_SET_ELEM_LIST_SET, set.name());
            dump(GETSETELEM, elements.bytes(), _ -> {});
        }
        return left < 0;
    }

    /** Nothing more once it is too much. */
    private void dump(int type, byte[] body, Consumer<NlMessage> each) {
        if (left < 0) {
            return;
        }
        Request request = new Request(WHAT, NftMonitor.SUBSYSTEM << 8 | type, Request.NLM_F_DUMP, body);
        ByteBuffer out =
                ByteBuffer.allocate(NlMessage.HEADER + request.length()).order(ByteOrder.nativeOrder());
        NlMessage.write(out, request, request.flags() & ~Request.NLM_F_ACK, ++sequence);
        channel.send(out, WHAT);
        while (left >= 0) {
            for (NlMessage message : channel.receive(WHAT)) {
                if (message.type() == NlMessage.NLMSG_DONE) {
                    return;
                }
                if (message.type() == NlMessage.NLMSG_ERROR) {
                    throw new KernelRefusal(WHAT, message.errno(), message.text());
                }
                left -= NlMessage.HEADER + message.body().limit();
                each.accept(message);
            }
        }
    }
}
