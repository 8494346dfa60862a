package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.ByteBuffer;

/**
 * An address on a link.
 *
 * @param flags IFA_F_* bits
 * @param scope RT_SCOPE_*: 0 global, 253 link, 254 host
 * @param protocol who made it, 0 for unknown; kernels before 5.18 do not keep it
 */
public record Address(int ifindex, Ip ip, int prefixLength, int flags, int scope, int protocol) {

    static final int RTM_NEWADDR = 20;
    static final int RTM_DELADDR = 21;
    static final int RTM_GETADDR = 22;

    /** No duplicate address detection; the address is usable at once. */
    public static final int NODAD = 2;

    private static final int PERMANENT = 0x80;
    private static final int TENTATIVE = 0x40;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_PROTO = 11;

    /** A global, permanent address without duplicate detection: the owner of this node's addresses is the cloud. */
    public static Address of(int ifindex, Ip ip, int prefixLength) {
        return new Address(ifindex, ip, prefixLength, ip.family() == Family.IPV6 ? NODAD : 0, 0, 0);
    }

    public Address protocol(int protocol) {
        return new Address(ifindex, ip, prefixLength, flags, scope, protocol);
    }

    /** Adds it; EEXIST (the same address, whatever its flags) counts as done. */
    public Request add() {
        return new Request("add " + this, RTM_NEWADDR, Request.NLM_F_CREATE | Request.NLM_F_EXCL, encode())
                .unless(Errno.EEXIST);
    }

    /** Adds it or changes its flags. */
    public Request replace() {
        return new Request("put " + this, RTM_NEWADDR, Request.NLM_F_CREATE | Request.NLM_F_REPLACE, encode());
    }

    /** Deletes it; gone already counts as done. */
    public Request delete() {
        return new Request("delete " + this, RTM_DELADDR, 0, encode()).unless(Errno.EADDRNOTAVAIL, Errno.ENODEV);
    }

    /** True while duplicate detection runs. */
    public boolean tentative() {
        return (flags & TENTATIVE) != 0;
    }

    /** Everything that identifies it, without the state the kernel adds to the flags. */
    public boolean sameAs(Address other) {
        return ifindex == other.ifindex && ip.equals(other.ip) && prefixLength == other.prefixLength;
    }

    /** Address, length, link. */
    @Override
    public String toString() {
        return "address " + ip + "/" + prefixLength + " on link " + ifindex;
    }

    static Request dump(Family family, int ifindex) {
        byte[] body = header(family, 0, 0, 0, ifindex).bytes();
        return new Request("list addresses", RTM_GETADDR, Request.NLM_F_DUMP, body);
    }

    static Address decode(ByteBuffer in) {
        in.get();
        int prefixLength = in.get() & 255;
        int shortFlags = in.get() & 255;
        int scope = in.get() & 255;
        int ifindex = in.getInt();
        Attributes a = Attributes.of(in);
        Ip ip = a.ip(IFA_LOCAL).or(() -> a.ip(IFA_ADDRESS)).orElse(Ip.ofIpv4(0));
        return new Address(ifindex, ip, prefixLength, a.u32(IFA_FLAGS, shortFlags), scope, a.u8(IFA_PROTO, 0));
    }

    private byte[] encode() {
        NlWriter out = header(ip.family(), prefixLength, flags & 255 | PERMANENT, scope, ifindex)
                .ip(IFA_LOCAL, ip)
                .ip(IFA_ADDRESS, ip)
                .u32(IFA_FLAGS, flags | PERMANENT);
        if (protocol != 0) {
            out.u8(IFA_PROTO, protocol);
        }
        return out.bytes();
    }

    /** struct ifaddrmsg. */
    private static NlWriter header(Family family, int prefixLength, int flags, int scope, int ifindex) {
        return new NlWriter()
                .u8(Families.code(family))
                .u8(prefixLength)
                .u8(flags)
                .u8(scope)
                .u32(ifindex);
    }
}
