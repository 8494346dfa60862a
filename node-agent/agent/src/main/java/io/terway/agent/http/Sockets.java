package io.terway.agent.http;

import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.terway.linux.netns.NetnsThread;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Makes sockets of a network namespace; there they stay, whichever thread uses them. */
final class Sockets {

    private static final int SOL_SOCKET = 1;
    private static final int SO_MARK = 36;
    private static final Path OWN = Path.of("/proc/self/ns/net");

    /** Marks every packet that the socket sends. */
    static final ChannelOption<Integer> MARK = new IntegerUnixChannelOption("SO_MARK", SOL_SOCKET, SO_MARK);

    private final Path netns;

    Sockets(Path netns) {
        this.netns = netns;
    }

    EpollServerSocketChannel listening() {
        return make(EpollServerSocketChannel::new);
    }

    EpollSocketChannel connecting() {
        return make(EpollSocketChannel::new);
    }

    private <T> T make(Supplier<T> socket) {
        return netns.equals(OWN) ? socket.get() : NetnsThread.call(netns, socket);
    }
}
