package io.terway.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A token bucket (tbf) as the root queue of a link: what the link sends, it sends at this rate at most. Its handle tells
 * ours from others'.
 *
 * @param bytesPerSecond the rate
 * @param burst bytes that may go at once
 * @param limit bytes that may wait before they are dropped
 */
public record TokenBucket(int ifindex, long bytesPerSecond, int burst, int limit) {

    static final int RTM_NEWQDISC = 36;
    static final int RTM_GETQDISC = 38;

    /** 'TW' as the major number. */
    private static final int HANDLE = 0x5457_0000;

    private static final int ROOT = -1;
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_TBF_PARMS = 1;
    private static final int TCA_TBF_RATE64 = 4;
    private static final int TCA_TBF_BURST = 6;
    private static final int ETHERNET = 1;
    private static final int RATE_AT = 8;
    private static final int LIMIT_AT = 24;

    /** From here on the rate has an attribute of its own. */
    private static final long LARGE = 1L << 32;

    public TokenBucket {
        if (ifindex <= 0 || bytesPerSecond < 1 || burst < 1 || limit < 1) {
            throw new IllegalArgumentException(
                    "rate " + bytesPerSecond + ", burst " + burst + ", limit " + limit + " of link " + ifindex);
        }
    }

    /** Puts it in place of whatever is the link's root queue. */
    public Request replace() {
        NlWriter out = header(ifindex, HANDLE, ROOT).string(TCA_KIND, "tbf");
        int options = out.begin(TCA_OPTIONS);
        out.attribute(TCA_TBF_PARMS, parameters());
        if (bytesPerSecond >= LARGE) {
            out.attribute(
                    TCA_TBF_RATE64,
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.nativeOrder())
                            .putLong(bytesPerSecond)
                            .array());
        }
        out.u32(TCA_TBF_BURST, burst).end(options);
        return new Request(
                "shape link " + ifindex + " to " + bytesPerSecond + " bytes/s",
                RTM_NEWQDISC,
                Request.NLM_F_CREATE | Request.NLM_F_REPLACE,
                out.bytes());
    }

    /** struct tc_tbf_qopt: two struct tc_ratespec, then limit, buffer and mtu; the bucket's size has an attribute. */
    private byte[] parameters() {
        NlWriter rate =
                new NlWriter().u8(0).u8(ETHERNET).u16(0).u16(0).u16(0).u32((int) Math.min(bytesPerSecond, LARGE - 1));
        rate.u8(0).u8(0).u16(0).u16(0).u16(0).u32(0);
        return rate.u32(limit).u32(0).u32(0).bytes();
    }

    static Request dump() {
        return new Request(
                "list queues", RTM_GETQDISC, Request.NLM_F_DUMP, header(0, 0, 0).bytes());
    }

    /** Empty when it is another kind, or not ours. The kernel does not tell the burst back: it is 1 here. */
    static Optional<TokenBucket> decode(ByteBuffer in) {
        in.getInt();
        int ifindex = in.getInt();
        int handle = in.getInt();
        in.getLong();
        Attributes a = Attributes.of(in);
        ByteBuffer parameters = a.nested(TCA_OPTIONS).raw(TCA_TBF_PARMS);
        if (handle != HANDLE || !a.string(TCA_KIND).equals("tbf") || parameters == null) {
            return Optional.empty();
        }
        ByteBuffer large = a.nested(TCA_OPTIONS).raw(TCA_TBF_RATE64);
        long rate = large == null ? Integer.toUnsignedLong(parameters.getInt(RATE_AT)) : large.getLong(0);
        return Optional.of(new TokenBucket(ifindex, rate, 1, parameters.getInt(LIMIT_AT)));
    }

    /** struct tcmsg. */
    private static NlWriter header(int ifindex, int handle, int parent) {
        return new NlWriter()
                .u8(0)
                .u8(0)
                .u16(0)
                .u32(ifindex)
                .u32(handle)
                .u32(parent)
                .u32(0);
    }
}
