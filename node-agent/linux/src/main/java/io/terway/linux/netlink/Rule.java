package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.net.Cidr;
import io.terway.net.Family;
import java.nio.ByteBuffer;

/**
 * A policy routing rule that looks up a table. Start with {@link #lookup} and refine.
 *
 * @param from {@code 0.0.0.0/0} or {@code ::/0} for any source
 * @param to likewise for destinations
 * @param iif name of the incoming link, empty for any
 * @param mark firewall mark, 0 for any
 * @param table 254 is main
 * @param protocol who made it; 0 when unknown
 */
public record Rule(int priority, Cidr from, Cidr to, String iif, int mark, int markMask, int table, int protocol) {

    static final int RTM_NEWRULE = 32;
    static final int RTM_DELRULE = 33;
    static final int RTM_GETRULE = 34;

    private static final int FR_ACT_TO_TBL = 1;
    private static final int FRA_DST = 1;
    private static final int FRA_SRC = 2;
    private static final int FRA_IIFNAME = 3;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    private static final int FRA_TABLE = 15;
    private static final int FRA_FWMASK = 16;
    private static final int FRA_PROTOCOL = 21;

    public Rule {
        if (from.family() != to.family()) {
            throw new IllegalArgumentException("rule from " + from + " to " + to + " mixes families");
        }
    }

    /** All packets of the family look up {@code table}. */
    public static Rule lookup(Family family, int priority, int table) {
        Cidr any = Families.everything(family);
        return new Rule(priority, any, any, "", 0, 0, table, 0);
    }

    public Rule from(Cidr from) {
        return new Rule(priority, from, to, iif, mark, markMask, table, protocol);
    }

    public Rule to(Cidr to) {
        return new Rule(priority, from, to, iif, mark, markMask, table, protocol);
    }

    public Rule iif(String iif) {
        return new Rule(priority, from, to, iif, mark, markMask, table, protocol);
    }

    public Rule mark(int mark, int mask) {
        return new Rule(priority, from, to, iif, mark, mask, table, protocol);
    }

    public Rule protocol(int protocol) {
        return new Rule(priority, from, to, iif, mark, markMask, table, protocol);
    }

    public Family family() {
        return from.family();
    }

    /** Adds it; the very same rule counts as done. */
    public Request add() {
        return new Request("add " + this, RTM_NEWRULE, Request.NLM_F_CREATE | Request.NLM_F_EXCL, encode())
                .unless(Errno.EEXIST);
    }

    /** Deletes it; gone already counts as done. */
    public Request delete() {
        return new Request("delete " + this, RTM_DELRULE, 0, encode()).unless(Errno.ENOENT, Errno.ESRCH);
    }

    @Override
    public String toString() {
        return "rule " + priority + " from " + from + " to " + to + (iif.isEmpty() ? "" : " iif " + iif)
                + (markMask == 0 ? "" : " mark " + mark + "/" + markMask) + " lookup " + table;
    }

    static Request dump(Family family) {
        byte[] body = header(Families.code(family), 0, 0, 0, 0).bytes();
        return new Request("list rules", RTM_GETRULE, Request.NLM_F_DUMP, body);
    }

    static Rule decode(ByteBuffer in) {
        int family = in.get() & 255;
        int toLength = in.get() & 255;
        int fromLength = in.get() & 255;
        in.get();
        int shortTable = in.get() & 255;
        in.get();
        in.getShort();
        in.getInt();
        if (!Families.known(family)) {
            return null;
        }
        Attributes a = Attributes.of(in);
        Cidr any = Families.everything(Families.of(family));
        return new Rule(
                a.u32(FRA_PRIORITY, 0),
                a.ip(FRA_SRC).map(ip -> Cidr.containing(ip, fromLength)).orElse(any),
                a.ip(FRA_DST).map(ip -> Cidr.containing(ip, toLength)).orElse(any),
                a.string(FRA_IIFNAME),
                a.u32(FRA_FWMARK, 0),
                a.u32(FRA_FWMASK, 0),
                a.u32(FRA_TABLE, shortTable),
                a.u8(FRA_PROTOCOL, 0));
    }

    private byte[] encode() {
        NlWriter out = header(
                Families.code(family()),
                to.prefixLength(),
                from.prefixLength(),
                table < 256 ? table : 0,
                FR_ACT_TO_TBL);
        out.u32(FRA_PRIORITY, priority);
        if (to.prefixLength() > 0) {
            out.ip(FRA_DST, to.network());
        }
        if (from.prefixLength() > 0) {
            out.ip(FRA_SRC, from.network());
        }
        if (!iif.isEmpty()) {
            out.string(FRA_IIFNAME, iif);
        }
        if (markMask != 0) {
            out.u32(FRA_FWMARK, mark).u32(FRA_FWMASK, markMask);
        }
        out.u32(FRA_TABLE, table);
        if (protocol != 0) {
            out.u8(FRA_PROTOCOL, protocol);
        }
        return out.bytes();
    }

    /** struct fib_rule_hdr. */
    private static NlWriter header(int family, int toLength, int fromLength, int table, int action) {
        return new NlWriter()
                .u8(family)
                .u8(toLength)
                .u8(fromLength)
                .u8(0)
                .u8(table)
                .u8(0)
                .u8(0)
                .u8(action)
                .u32(0);
    }
}
