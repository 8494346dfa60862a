package io.terway.linux.netlink;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import io.terway.linux.ffm.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** An open netlink descriptor that sends and receives datagrams. One thread at a time. */
final class NetlinkChannel implements AutoCloseable {

    /** The kernel packs dumps into datagrams of at most 32 KiB when the reader offers as much. */
    private static final int RECEIVE_BYTES = 32 * 1024;

    /** An answer that takes longer than this is lost; the routing lock is never held that long. */
    private static final long ANSWER_SECONDS = 10;

    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_NETFILTER = 12;
    private static final int NETLINK_LISTEN_ALL_NSID = 8;
    private static final int CONTROL_BYTES = 64;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;

    private final int fd;
    private final MemorySegment buffer = Arena.ofAuto().allocate(RECEIVE_BYTES);

    private NetlinkChannel(int fd) {
        this.fd = fd;
    }

    /** Opens one to routing in the calling thread's namespace, subscribed to the multicast groups of the bit set. */
    static NetlinkChannel open(int groups) {
        return open(NETLINK_ROUTE, groups, SocketFilter.EVERYTHING);
    }

    /** Opens one to netfilter, likewise. */
    static NetlinkChannel openNetfilter(int groups) {
        return openNetfilter(groups, SocketFilter.EVERYTHING);
    }

    /** As above; of what is told only what the filter passes. */
    static NetlinkChannel openNetfilter(int groups, SocketFilter filter) {
        return open(NETLINK_NETFILTER, groups, filter);
    }

    private static NetlinkChannel open(int protocol, int groups, SocketFilter filter) {
        int fd = (int) Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol)
                .orThrow("open a netlink socket");
        NetlinkChannel channel = new NetlinkChannel(fd);
        try {
            if (filter != SocketFilter.EVERYTHING) {
                // Before it hears of anything.
                Libc.attachFilter(fd, filter.bytes()).orThrow("filter netlink messages");
            }
            channel.configure(groups);
        } catch (KernelRefusal e) {
            channel.close();
            throw e;
        }
        return channel;
    }

    void send(ByteBuffer datagram, String what) {
        Libc.send(fd, datagram.array(), datagram.position()).orThrow(what);
    }

    /**
     * The messages of the next datagram.
     *
     * @throws KernelRefusal ENOBUFS when the kernel had to drop messages, EAGAIN when none came in time
     */
    List<NlMessage> receive(String what) {
        while (true) {
            switch (Libc.receive(fd, buffer, Libc.MSG_TRUNC)) {
                case Syscall.Ok(long length) -> {
                    if (length > RECEIVE_BYTES) {
                        throw new KernelRefusal(what, Errno.ENOBUFS, "a datagram of " + length + " bytes");
                    }
                    return NlMessage.split(buffer.asSlice(0, length).toArray(JAVA_BYTE), (int) length);
                }
                case Syscall.Failed(Errno errno) -> {
                    if (!errno.equals(Errno.EINTR)) {
                        throw new KernelRefusal(what, errno, "");
                    }
                }
            }
        }
    }

    /** A datagram, and the namespace it is about. */
    record Datagram(int nsid, List<NlMessage> messages) {}

    /** Hears of every namespace that this one has a number for, too; false where the kernel refuses that. */
    boolean listenEverywhere() {
        return Libc.setOption(fd, Libc.SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1) instanceof Syscall.Ok;
    }

    /** As {@link #receive}, telling the namespace; {@link RouteMonitor#HERE} is the channel's own. */
    Datagram receiveDatagram(String what) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
            MemorySegment vector = arena.allocate(16, 8);
            vector.set(ADDRESS, 0, buffer);
            vector.set(JAVA_LONG, 8, RECEIVE_BYTES);
            // struct msghdr: name, name length, vector, vectors, control, control length, flags.
            MemorySegment header = arena.allocate(56, 8);
            header.set(ADDRESS, 16, vector);
            header.set(JAVA_LONG, 24, 1);
            header.set(ADDRESS, 32, control);
            header.set(JAVA_LONG, 40, CONTROL_BYTES);
            long length = Libc.receiveMessage(fd, header, Libc.MSG_TRUNC).orThrow(what);
            if (length > RECEIVE_BYTES) {
                throw new KernelRefusal(what, Errno.ENOBUFS, "a datagram of " + length + " bytes");
            }
            List<NlMessage> messages = NlMessage.split(buffer.asSlice(0, length).toArray(JAVA_BYTE), (int) length);
            return new Datagram(nsid(control, header.get(JAVA_LONG, 40)), messages);
        }
    }

    /** struct cmsghdr: length, level, type; then the number. */
    private static int nsid(MemorySegment control, long length) {
        return length >= 20
                        && control.get(JAVA_INT, 8) == Libc.SOL_NETLINK
                        && control.get(JAVA_INT, 12) == NETLINK_LISTEN_ALL_NSID
                ? control.get(JAVA_INT, 16)
                : RouteMonitor.HERE;
    }

    /** Waits for something to receive; false when the time was up. */
    boolean await(int milliseconds) {
        return switch (Libc.awaitReadable(fd, milliseconds)) {
            case Syscall.Ok(long ready) -> ready > 0;
            case Syscall.Failed(Errno errno) -> {
                if (!errno.equals(Errno.EINTR)) {
                    throw new KernelRefusal("wait for netlink events", errno, "");
                }
                yield false;
            }
        };
    }

    void receiveBuffer(int bytes) {
        // Needs CAP_NET_ADMIN in the initial user namespace; without it the default size stays.
        Libc.setOption(fd, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, bytes);
    }

    @Override
    public void close() {
        Libc.close(fd);
    }

    private void configure(int groups) {
        Libc.setOption(fd, Libc.SOL_NETLINK, NETLINK_EXT_ACK, 1).orThrow("ask netlink for error texts");
        Libc.setOption(fd, Libc.SOL_NETLINK, NETLINK_CAP_ACK, 1).orThrow("ask netlink for short errors");
        Libc.setOption(fd, Libc.SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1).orThrow("ask netlink for strict filters");
        Libc.setReceiveTimeout(fd, ANSWER_SECONDS).orThrow("bound netlink receives");
        // struct sockaddr_nl: the kernel chooses the port id.
        byte[] address = new byte[12];
        ByteBuffer.wrap(address)
                .order(ByteOrder.nativeOrder())
                .putShort((short) Libc.AF_NETLINK)
                .putShort((short) 0)
                .putInt(0)
                .putInt(groups);
        Libc.bind(fd, address).orThrow("bind a netlink socket");
    }
}
