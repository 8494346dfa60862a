package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.netns.NetnsFd;
import java.nio.ByteBuffer;

/** The numbers by which one network namespace knows others. */
public final class Nsids {

    static final int RTM_NEWNSID = 88;
    private static final int RTM_GETNSID = 90;
    private static final int NETNSA_NSID = 1;
    private static final int NETNSA_FD = 3;
    private static final int ANY = -1;

    private Nsids() {}

    /** Gives the namespace a number; one that has it keeps it. */
    static Request assign(NetnsFd netns) {
        byte[] body =
                header().u32(NETNSA_NSID, ANY).u32(NETNSA_FD, netns.number()).bytes();
        return new Request("number namespace " + netns.name(), RTM_NEWNSID, 0, body).unless(Errno.EEXIST);
    }

    static Request get(NetnsFd netns) {
        byte[] body = header().u32(NETNSA_FD, netns.number()).bytes();
        return new Request("get the number of namespace " + netns.name(), RTM_GETNSID, 0, body);
    }

    static int decode(ByteBuffer in) {
        in.getInt();
        return Attributes.of(in).u32(NETNSA_NSID, ANY);
    }

    /** struct rtgenmsg, padded. */
    private static NlWriter header() {
        return new NlWriter().u32(0);
    }
}
