package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;

/** The kernel's answer to one {@link Request}. */
public sealed interface Reply {

    /** It was carried out, or refused in a way the request welcomes. */
    record Done() implements Reply {}

    /** A link was made. */
    record Created(Link link) implements Reply {}

    /** @param text the kernel's own words, or empty */
    record Refused(String what, Errno errno, String text) implements Reply {

        public KernelRefusal asException() {
            return new KernelRefusal(what, errno, text);
        }
    }
}
