package io.terway.agent.policy;

import io.terway.linux.netns.NetnsThread;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A connection on which a test says byte for byte what it likes. */
final class RawHttp implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;

    private RawHttp(Socket socket) {
        this.socket = socket;
    }

    static RawHttp connect(Path netns, String host, int port) {
        return new RawHttp(NetnsThread.call(netns, () -> {
            try {
                Socket made = new Socket(host, port);
                made.setSoTimeout(PATIENCE_MILLIS);
                return made;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    RawHttp send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** What comes until this text ends it. */
    String until(String end) throws IOException {
        StringBuilder out = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (out.indexOf(end) < 0) {
            int c = in.read();
            if (c < 0) {
                throw new AssertionError("the connection ended after: " + out);
            }
            out.append((char) c);
        }
        return out.toString();
    }

    /** What comes until the other side ends the connection. */
    String rest() throws IOException {
        StringBuilder out = new StringBuilder();
        try {
            for (int c = socket.getInputStream().read();
                    c >= 0;
                    c = socket.getInputStream().read()) {
                out.append((char) c);
            }
        } catch (SocketException reset) {
            out.append("");
        }
        return out.toString();
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
