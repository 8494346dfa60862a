package io.terway.agent;

import io.terway.linux.netns.NetnsThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A pod that gives back what it is sent, over TCP. Its visitors' connections are what acceleration shortens. */
final class EchoPod implements AutoCloseable {

    private static final int PORT = 8080;

    private final ServerSocket server;

    EchoPod(Path netns) {
        server = in(netns, () -> new ServerSocket(PORT));
        Thread.ofVirtual().name("echo").start(this::serve);
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket accepted = server.accept();
                Thread.ofVirtual().start(() -> answer(accepted));
            } catch (IOException e) { // closed, or a visitor that is gone already
            }
        }
    }

    private static void answer(Socket accepted) {
        try (accepted) {
            accepted.getInputStream().transferTo(accepted.getOutputStream());
        } catch (IOException e) { // the visitor's pod was deleted
        }
    }

    /** True when bytes sent from there come back. */
    static boolean answers(String address, Path netns) {
        try (SocketChannel channel = in(netns, SocketChannel::open)) {
            Socket socket = channel.socket(); // a channel has its socket at once
            socket.setSoTimeout(2000);
            socket.connect(new InetSocketAddress(address, PORT), 2000);
            for (int i = 0; i < 3; i++) {
                socket.getOutputStream().write(i);
                if (socket.getInputStream().read() != i) {
                    return false;
                }
            }
            return true;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    /** Something that opens. */
    private interface Opening<T> {
        T open() throws IOException;
    }

    private static <T> T in(Path netns, Opening<T> opening) {
        return NetnsThread.call(netns, () -> {
            try {
                return opening.open();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
