package io.terway.agent.socket;

import io.terway.cni.CniReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * DELs that plugins parked while the agent did not answer. Start it after the socket listens: whoever parks later than
 * the first scan is seen by the watch. A DEL that fails stays and is tried again.
 */
public final class Spool implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Spool.class);

    private static final long RETRY_SECONDS = 5;

    private final Path directory;
    private final CniSocket.CallHandler handler;
    private final WatchService watch;

    private Spool(Path directory, CniSocket.CallHandler handler, WatchService watch) {
        this.directory = directory;
        this.handler = handler;
        this.watch = watch;
    }

    /** Makes the directory, if need be, and starts to replay. */
    public static Spool start(Path directory, CniSocket.CallHandler handler) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(
                directory,
                EnumSet.of(
                        PosixFilePermission.OWNER_READ,
                        PosixFilePermission.OWNER_WRITE,
                        PosixFilePermission.OWNER_EXECUTE));
        WatchService watch = directory.getFileSystem().newWatchService();
        directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        Spool spool = new Spool(directory, handler, watch);
        Thread.ofVirtual().name("spool").start(spool::run);
        return spool;
    }

    private void run() {
        try {
            while (true) {
                replay();
                WatchKey key = watch.poll(RETRY_SECONDS, TimeUnit.SECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        } catch (ClosedWatchServiceException stopped) {
            LOG.debug("spool stopped");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void replay() {
        for (Path file : parked()) {
            try {
                CniReply reply = handler.handle(Files.readAllBytes(file));
                if (reply.isSuccess()) {
                    Files.delete(file);
                    LOG.infof("replayed %s", file.getFileName());
                } else {
                    LOG.warnf(
                            "%s failed, tried again in %d s: %s",
                            file, RETRY_SECONDS, new String(reply.output(), StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                LOG.warnf("%s cannot be replayed: %s", file, e.getMessage());
            }
        }
    }

    /** In the order they were parked: names begin with the time. */
    private List<Path> parked() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().endsWith(".del"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            LOG.warnf("spool %s cannot be listed: %s", directory, e.getMessage());
            return List.of();
        }
    }

    /** DELs that wait here. */
    public int size() {
        return parked().size();
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }
}
