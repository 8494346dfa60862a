package io.terway.agent.socket;

import io.terway.agent.loop.News;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniFrame;
import io.terway.cni.CniReply;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Accepts the plugin's connections: one virtual thread each, one frame each way. Only root can connect (mode 0600).
 */
public final class CniSocket implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(CniSocket.class);

    /** Calls under way at once; one more is told to try again later. */
    static final int MAX_CALLS = 512;

    /** Longer than any deadline of the plugin: what is still connected then is nobody. */
    private static final Duration LONGEST_CALL = Duration.ofSeconds(90);

    /** What a runtime may queue up while we accept; the plugin's deadline bounds the rest. */
    private static final int BACKLOG = 1024;

    private final Path path;
    private final ServerSocketChannel server;
    private final CallHandler handler;
    private final Semaphore slots;
    private final ScheduledExecutorService reaper;
    private final News refusals = new News();
    private final Thread acceptor;

    /** Answers one frame's body. Called from many virtual threads at once. */
    public interface CallHandler {
        CniReply handle(byte[] body);
    }

    private CniSocket(Path path, ServerSocketChannel server, CallHandler handler, int maxCalls) {
        this.path = path;
        this.server = server;
        this.handler = handler;
        this.slots = new Semaphore(maxCalls);
        this.acceptor = Thread.ofPlatform().daemon().name("cni-accept").unstarted(this::accept);
        this.reaper = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("cni-reaper").factory());
    }

    /** Listens at {@code path}, in place of a socket that a dead agent left there. */
    public static CniSocket listen(Path path, CallHandler handler) throws IOException {
        return listen(path, handler, MAX_CALLS);
    }

    static CniSocket listen(Path path, CallHandler handler, int maxCalls) throws IOException {
        Files.createDirectories(path.getParent());
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(fresh), BACKLOG);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
        // Renamed into place once it is closed to others and listens: no call meets a half-made socket.
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        CniSocket socket = new CniSocket(path, server, handler, maxCalls);
        socket.acceptor.start();
        return socket;
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel connection = server.accept();
                refusals.over();
                Thread.ofVirtual().name("cni-call").start(() -> serve(connection));
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                if (refusals.isNew(e.getMessage())) { // out of descriptors: those in use come back
                    LOG.errorf("CNI calls wait at %s, none is accepted: %s", path, e.getMessage());
                }
                pause();
            }
        }
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }

    private void serve(SocketChannel connection) {
        ScheduledFuture<?> end = reaper.schedule(() -> close(connection), LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
        try (connection) {
            boolean mine = slots.tryAcquire();
            try {
                byte[] body = read(connection);
                write(connection, mine ? handler.handle(body) : busy());
            } finally {
                if (mine) {
                    slots.release();
                }
            }
        } catch (CniFailure unreadable) {
            LOG.warnf("a CNI call was not understood: %s", unreadable.getMessage());
        } catch (IOException e) {
            LOG.debugf("a CNI call broke off: %s", e.getMessage()); // the plugin has told the runtime, or was killed
        } finally {
            end.cancel(false);
        }
    }

    private static CniReply busy() {
        return CniReply.of(new CniFailure(
                CniCode.TRY_LATER, MAX_CALLS + " CNI calls are under way on this node; the runtime tries again"));
    }

    private static byte[] read(SocketChannel connection) throws IOException {
        ByteBuffer head = filled(connection, ByteBuffer.allocate(4));
        int length = head.getInt();
        if (length < 1 || length > CniFrame.LIMIT) {
            throw new CniFailure(CniCode.UNDECODABLE, "a frame of " + length + " bytes is not in 1.." + CniFrame.LIMIT);
        }
        return filled(connection, ByteBuffer.allocate(length)).array();
    }

    private static ByteBuffer filled(SocketChannel connection, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (connection.read(buffer) < 0) {
                throw new IOException("the plugin closed the connection within its request");
            }
        }
        return buffer.flip();
    }

    private static void write(SocketChannel connection, CniReply reply) throws IOException {
        ByteBuffer frame = reply.frame();
        while (frame.hasRemaining()) {
            connection.write(frame);
        }
    }

    private static void close(SocketChannel connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debugf("closing a late CNI call: %s", e.getMessage());
        }
    }

    /** False once it accepts no more. */
    public boolean isOpen() {
        return server.isOpen() && acceptor.isAlive();
    }

    /** Stops accepting; calls under way go on. */
    @Override
    public void close() throws IOException {
        server.close();
        reaper.shutdown();
    }
}
