package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.linux.netns.NetnsThread;
import io.terway.net.Ip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Random;

/** A TCP connection that stays, whose server sends each byte back. */
public final class Echo implements AutoCloseable {

    /** Where the server listens. */
    public static final int PORT = 8080;

    private static final int PATIENCE_MILLIS = 20_000;
    private static final int SILENCE_MILLIS = 400;

    private final Path from;
    private final ServerSocket listening;
    private final Socket client;
    private volatile Socket server;

    private Echo(Path from, Ip called, int port, ServerSocket listening, int localPort) {
        this.from = from;
        this.listening = listening;
        Thread.ofPlatform().daemon().start(this::serve);
        client = NetnsThread.call(from, () -> connect(called, port, localPort));
    }

    /** From one namespace to an address in another. */
    public static Echo direct(Path from, Path to, Ip at) {
        return translated(from, at, PORT, to, at);
    }

    /** Calls another address and port than the server's: something translates between them. */
    static Echo translated(Path from, Ip called, int port, Path to, Ip at) {
        return new Echo(from, called, port, NetnsThread.call(to, () -> listen(at)), 0);
    }

    /** From the same address and port to the same server, by another address of it. */
    Echo another(Ip called, int port) {
        return new Echo(from, called, port, listening, client.getLocalPort());
    }

    private static ServerSocket listen(Ip at) {
        try {
            return new ServerSocket(PORT, 2, InetAddress.getByAddress(at.bytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket connect(Ip to, int port, int localPort) {
        try {
            Socket socket = new Socket();
            socket.setReuseAddress(true);
            if (localPort != 0) {
                socket.bind(new InetSocketAddress(localPort));
            }
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(to.bytes()), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve() {
        try (Socket accepted = listening.accept()) {
            accepted.setTcpNoDelay(true);
            server = accepted;
            accepted.getInputStream().transferTo(accepted.getOutputStream());
        } catch (IOException e) {
            // the connection was cut, as some tests do
        }
    }

    /** Single bytes there and back. */
    public void rounds(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            client.getOutputStream().write(i);
            assertEquals(i & 255, client.getInputStream().read());
        }
    }

    /** Many bytes at once, which come back unchanged. */
    void bulk(int bytes) throws IOException {
        byte[] sent = new byte[bytes];
        new Random(bytes).nextBytes(sent);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                client.getOutputStream().write(sent);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertArrayEquals(sent, client.getInputStream().readNBytes(bytes));
    }

    /** Ends it at once, as the kernel does for a process that left something unread. */
    void reset() throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    /** Whoever speaks, nothing arrives: the server's side speaks first. */
    public void assertCut() throws IOException {
        server.getOutputStream().write('s');
        client.getOutputStream().write('c');
        client.setSoTimeout(SILENCE_MILLIS);
        assertThrows(SocketTimeoutException.class, client.getInputStream()::read);
    }

    @Override
    public void close() throws IOException {
        client.close();
        listening.close();
    }
}
