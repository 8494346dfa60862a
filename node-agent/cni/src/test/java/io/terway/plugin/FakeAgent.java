package io.terway.plugin;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The agent's end of the socket: takes frames, behaves as told. */
final class FakeAgent implements AutoCloseable {

    /** What to do with a request that was read. */
    enum Manner {
        ANSWER,
        HANG,
        CLOSE,
        IMPOSSIBLE_LENGTH
    }

    final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final ServerSocketChannel server;
    private final Manner manner;
    private final int exitCode;
    private final String output;

    FakeAgent(Path socket, Manner manner, int exitCode, String output) throws IOException {
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        this.manner = manner;
        this.exitCode = exitCode;
        this.output = output;
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel connection = server.accept();
                Thread.ofVirtual().start(() -> converse(connection));
            }
        } catch (AsynchronousCloseException closed) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void converse(SocketChannel connection) {
        try {
            DataInputStream in = new DataInputStream(Channels.newInputStream(connection));
            byte[] body = in.readNBytes(in.readInt());
            requests.add(new String(body, StandardCharsets.ISO_8859_1));
            switch (manner) {
                case ANSWER -> answer(connection);
                case CLOSE -> connection.close();
                case HANG -> {}
                case IMPOSSIBLE_LENGTH -> connection.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0}));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(SocketChannel connection) throws IOException {
        byte[] text = output.getBytes(StandardCharsets.UTF_8);
        ByteBuffer reply = ByteBuffer.allocate(8 + text.length);
        reply.putInt(4 + text.length).putInt(exitCode).put(text).flip();
        while (reply.hasRemaining()) {
            connection.write(reply);
        }
        connection.close();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
