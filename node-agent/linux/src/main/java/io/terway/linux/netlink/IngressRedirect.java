package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Everything that comes in by a link goes through the queue of another one first (an ifb), which gives it back: what a link
 * receives has no queue of its own. The hook is clsact's; its filter is a u32 that matches all, which every kernel has.
 *
 * @param ifindex the link that receives
 * @param target index of the other one
 */
public record IngressRedirect(int ifindex, int target) {

    static final int RTM_NEWTFILTER = 44;
    private static final int RTM_DELTFILTER = 45;
    private static final int RTM_GETTFILTER = 46;

    /** Among the filters of the hook; tells ours. */
    private static final int PRIORITY = 20100;

    private static final int INGRESS = 0xfffffff2;
    private static final int ETH_P_ALL = 3;
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_U32_SEL = 5;
    private static final int TCA_U32_ACT = 7;
    private static final int FIRST_ACTION = 1;
    private static final int TCA_ACT_KIND = 1;
    private static final int TCA_ACT_OPTIONS = 2;
    private static final int TCA_MIRRED_PARMS = 2;
    private static final int TC_U32_TERMINAL = 1;
    private static final int TC_ACT_STOLEN = 4;
    private static final int TCA_EGRESS_REDIR = 1;
    private static final int TARGET_AT = 24;

    /** Puts it there; needs the hooks ({@link BpfFilter#hooks}). */
    public Request add() {
        NlWriter out = header(ifindex).string(TCA_KIND, "u32");
        int options = out.begin(TCA_OPTIONS);
        out.attribute(TCA_U32_SEL, everything());
        int actions = out.begin(TCA_U32_ACT);
        int action = out.begin(FIRST_ACTION);
        out.string(TCA_ACT_KIND, "mirred");
        int parameters = out.begin(TCA_ACT_OPTIONS);
        out.attribute(TCA_MIRRED_PARMS, mirred());
        out.end(parameters).end(action).end(actions).end(options);
        return new Request(
                "lead what link " + ifindex + " receives through link " + target,
                RTM_NEWTFILTER,
                Request.NLM_F_CREATE | Request.NLM_F_EXCL,
                out.bytes());
    }

    /** Takes away what is there in its place; nothing there counts as done. */
    public Request clear() {
        return new Request(
                        "stop leading what link " + ifindex + " receives elsewhere",
                        RTM_DELTFILTER,
                        0,
                        header(ifindex).bytes())
                .unless(Errno.ENOENT, Errno.EINVAL);
    }

    static Request dump(int ifindex) {
        byte[] body =
                new NlWriter().u32(0).u32(ifindex).u32(0).u32(INGRESS).u32(0).bytes();
        return new Request("list filters of link " + ifindex, RTM_GETTFILTER, Request.NLM_F_DUMP, body);
    }

    /** Null for what is not ours. */
    static IngressRedirect decode(ByteBuffer in) {
        in.getInt();
        int ifindex = in.getInt();
        in.getInt();
        in.getInt();
        int info = in.getInt();
        ByteBuffer mirred = Attributes.of(in)
                .nested(TCA_OPTIONS)
                .nested(TCA_U32_ACT)
                .nested(FIRST_ACTION)
                .nested(TCA_ACT_OPTIONS)
                .raw(TCA_MIRRED_PARMS);
        return info >>> 16 == PRIORITY && mirred != null && mirred.remaining() > TARGET_AT
                ? new IngressRedirect(ifindex, mirred.getInt(TARGET_AT))
                : null;
    }

    /** struct tc_u32_sel with one key whose mask is 0. */
    private static byte[] everything() {
        return new NlWriter()
                .u8(TC_U32_TERMINAL)
                .u8(0)
                .u8(1)
                .u8(0)
                .u32(0)
                .u32(0)
                .u32(0)
                .u32(0)
                .u32(0)
                .u32(0)
                .u32(0)
                .bytes();
    }

    /** struct tc_mirred: the generic part, then what it does and to which link. */
    private byte[] mirred() {
        return new NlWriter()
                .u32(0)
                .u32(0)
                .u32(TC_ACT_STOLEN)
                .u32(0)
                .u32(0)
                .u32(TCA_EGRESS_REDIR)
                .u32(target)
                .bytes();
    }

    /** struct tcmsg. */
    private static NlWriter header(int ifindex) {
        int protocol = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? Short.toUnsignedInt(Short.reverseBytes((short) ETH_P_ALL))
                : ETH_P_ALL;
        return new NlWriter().u32(0).u32(ifindex).u32(0).u32(INGRESS).u32(PRIORITY << 16 | protocol);
    }
}
