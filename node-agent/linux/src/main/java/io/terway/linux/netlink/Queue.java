package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a link does with packets that wait for it.
 *
 * @param kind such as {@code fq_codel}
 * @param handle its number on the link
 * @param parent the number of what it belongs to; {@link #ROOT} for the link's own
 */
public record Queue(int ifindex, String kind, int handle, int parent) {

    static final int RTM_NEWQDISC = 36;
    private static final int RTM_DELQDISC = 37;
    private static final int RTM_GETQDISC = 38;

    private static final int ROOT = -1;

    /** 'TW' as the major number. */
    private static final int OURS = 0x5457_0000;

    /** Three bands; the packet's priority says which, and a higher one never waits for a lower one. In every kernel. */
    private static final String BANDS = "pfifo_fast";

    private static final int TCA_KIND = 1;

    /** Puts three bands of priority in place of the link's queue: one set for each hardware queue. */
    public static List<Request> bands(int ifindex, int hardwareQueues) {
        if (hardwareQueues <= 1) {
            return List.of(put(new Queue(ifindex, BANDS, OURS, ROOT)));
        }
        List<Request> requests = new ArrayList<>();
        requests.add(put(new Queue(ifindex, "mq", OURS, ROOT)));
        for (int i = 1; i <= hardwareQueues; i++) {
            requests.add(put(new Queue(ifindex, BANDS, 0, OURS | i)));
        }
        return requests;
    }

    /** True when that is what the link has. */
    public static boolean hasBands(List<Queue> found, int hardwareQueues) {
        boolean root = found.stream().anyMatch(q -> q.isOurs() && q.kind.equals(hardwareQueues <= 1 ? BANDS : "mq"));
        long bands = found.stream()
                .filter(q -> q.kind.equals(BANDS) && (q.parent & 0xffff_0000) == OURS)
                .count();
        return root && (hardwareQueues <= 1 || bands == hardwareQueues);
    }

    /** The link's own queue, and made by us. */
    public boolean isOurs() {
        return parent == ROOT && handle == OURS && !kind.equals("tbf");
    }

    /** The kernel's own choice comes in its place. */
    public Request delete() {
        return new Request(
                        "take queue " + kind + " from link " + ifindex,
                        RTM_DELQDISC,
                        0,
                        header(ifindex, handle, parent).bytes())
                .unless(Errno.ENOENT, Errno.EINVAL, Errno.ENODEV);
    }

    private static Request put(Queue queue) {
        return new Request(
                "put queue " + queue.kind + " on link " + queue.ifindex,
                RTM_NEWQDISC,
                Request.NLM_F_CREATE | Request.NLM_F_REPLACE,
                header(queue.ifindex, queue.handle, queue.parent)
                        .string(TCA_KIND, queue.kind)
                        .bytes());
    }

    static Request dump(int ifindex) {
        return new Request(
                "list queues of link " + ifindex,
                RTM_GETQDISC,
                Request.NLM_F_DUMP,
                header(ifindex, 0, 0).bytes());
    }

    static Queue decode(ByteBuffer in) {
        in.getInt();
        int ifindex = in.getInt();
        int handle = in.getInt();
        int parent = in.getInt();
        in.getInt();
        return new Queue(ifindex, Attributes.of(in).string(TCA_KIND), handle, parent);
    }

    /** struct tcmsg. */
    private static NlWriter header(int ifindex, int handle, int parent) {
        return new NlWriter().u32(0).u32(ifindex).u32(handle).u32(parent).u32(0);
    }
}
