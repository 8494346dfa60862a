package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** One rtnetlink message to the kernel, not yet numbered. Immutable. */
public final class Request {

    static final int NLM_F_REQUEST = 1;
    static final int NLM_F_ACK = 4;
    static final int NLM_F_ECHO = 8;
    static final int NLM_F_REPLACE = 0x100;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    static final int NLM_F_DUMP = 0x300;

    private final String what;
    private final int type;
    private final int flags;
    private final byte[] body;
    private final List<Errno> welcome;
    private final String makes;

    Request(String what, int type, int flags, byte[] body) {
        this(what, type, flags | NLM_F_REQUEST | NLM_F_ACK, body, List.of(), "");
    }

    private Request(String what, int type, int flags, byte[] body, List<Errno> welcome, String makes) {
        this.what = what;
        this.type = type;
        this.flags = flags;
        this.body = body;
        this.welcome = welcome;
        this.makes = makes;
    }

    /**
     * The same request for which these refusals count as success, such as EEXIST for an add or ESRCH for a delete.
     * Choose by what the errno means for this object: ENODEV for a route means that its link is gone, not the route.
     */
    public Request unless(Errno... expected) {
        return new Request(what, type, flags, body, List.of(expected), makes);
    }

    /** The same request, which makes a link of this name in the socket's namespace. */
    Request making(String link) {
        return new Request(what, type, flags, body, welcome, link);
    }

    /** The link it makes; empty for none here. */
    String makes() {
        return makes;
    }

    boolean welcomes(Errno errno) {
        return welcome.contains(errno);
    }

    int type() {
        return type;
    }

    int flags() {
        return flags;
    }

    byte[] body() {
        return body.clone();
    }

    void writeBody(ByteBuffer out) {
        out.put(body);
    }

    int length() {
        return body.length;
    }

    /** The operation and its object, for people. */
    public String what() {
        return what;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Request r && r.type == type && r.flags == flags && Arrays.equals(r.body, body);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(body);
    }

    @Override
    public String toString() {
        return what + " [" + type + "/" + flags + " " + HexFormat.of().formatHex(body) + "]";
    }
}
