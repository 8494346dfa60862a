package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A bpf program at a link's clsact hook. Unlike a tcx link it outlives the process that attached it, and kernels before
 * 6.6 have it too.
 *
 * @param priority among the filters of the hook; with the name it tells ours
 * @param programId of what is attached; 0 in a request
 */
public record BpfFilter(int ifindex, Hook hook, int priority, String name, int programId) {

    /** Which packets of the link. */
    public enum Hook {
        INGRESS(0xfffffff2),
        EGRESS(0xfffffff3);

        private final int parent;

        Hook(int parent) {
            this.parent = parent;
        }
    }

    static final int RTM_NEWQDISC = 36;
    static final int RTM_NEWTFILTER = 44;
    static final int RTM_DELTFILTER = 45;
    static final int RTM_GETTFILTER = 46;

    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_BPF_FD = 6;
    private static final int TCA_BPF_NAME = 7;
    private static final int TCA_BPF_FLAGS = 8;
    private static final int TCA_BPF_ID = 11;
    private static final int DIRECT_ACTION = 1;
    private static final int CLSACT_PARENT = 0xfffffff1;
    private static final int CLSACT_HANDLE = 0xffff0000;
    private static final int ETH_P_ALL = 3;
    private static final int HANDLE = 1;

    /** A filter to be attached. */
    public static BpfFilter of(int ifindex, Hook hook, int priority, String name) {
        return new BpfFilter(ifindex, hook, priority, name, 0);
    }

    /** Makes the hooks; there already counts as done. */
    public static Request hooks(int ifindex) {
        byte[] body = header(ifindex, CLSACT_HANDLE, CLSACT_PARENT, 0)
                .string(TCA_KIND, "clsact")
                .bytes();
        return new Request(
                        "make clsact on link " + ifindex, RTM_NEWQDISC, Request.NLM_F_CREATE | Request.NLM_F_EXCL, body)
                .unless(Errno.EEXIST);
    }

    /** Attaches the program, in the place of one with this priority. */
    public Request replace(int programFd) {
        NlWriter out = header(ifindex, HANDLE, hook.parent, info()).string(TCA_KIND, "bpf");
        int options = out.begin(TCA_OPTIONS);
        out.u32(TCA_BPF_FD, programFd).string(TCA_BPF_NAME, name).u32(TCA_BPF_FLAGS, DIRECT_ACTION);
        return new Request(
                "attach bpf " + name + " to link " + ifindex,
                RTM_NEWTFILTER,
                Request.NLM_F_CREATE | Request.NLM_F_REPLACE,
                out.end(options).bytes());
    }

    /** Detaches it; gone already counts as done. */
    public Request delete() {
        byte[] body = header(ifindex, HANDLE, hook.parent, info())
                .string(TCA_KIND, "bpf")
                .bytes();
        return new Request("detach bpf " + name + " from link " + ifindex, RTM_DELTFILTER, 0, body)
                .unless(Errno.ENOENT, Errno.EINVAL, Errno.ENODEV);
    }

    static Request dump(int ifindex, Hook hook) {
        return new Request(
                "list filters of link " + ifindex,
                RTM_GETTFILTER,
                Request.NLM_F_DUMP,
                header(ifindex, 0, hook.parent, 0).bytes());
    }

    /** Null for filters of another kind. */
    static BpfFilter decode(ByteBuffer in, Hook hook) {
        in.getInt();
        int ifindex = in.getInt();
        in.getInt();
        in.getInt();
        int info = in.getInt();
        Attributes a = Attributes.of(in);
        Attributes options = a.nested(TCA_OPTIONS);
        return a.string(TCA_KIND).equals("bpf") && options.has(TCA_BPF_ID)
                ? new BpfFilter(ifindex, hook, info >>> 16, options.string(TCA_BPF_NAME), options.u32(TCA_BPF_ID, 0))
                : null;
    }

    /** Priority and, in network order, the protocol. */
    private int info() {
        int protocol = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                ? Short.toUnsignedInt(Short.reverseBytes((short) ETH_P_ALL))
                : ETH_P_ALL;
        return priority << 16 | protocol;
    }

    /** struct tcmsg. */
    private static NlWriter header(int ifindex, int handle, int parent, int info) {
        return new NlWriter().u32(0).u32(ifindex).u32(handle).u32(parent).u32(info);
    }
}
