package io.terway.agent.socket;

import io.terway.agent.loop.LoopGuard;
import io.terway.agent.loop.News;
import io.terway.cni.CniReply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * DELs that plugins parked while the agent did not answer. Start it after the socket listens: whoever parks later than
 * the first scan is seen by the watch. A DEL that fails stays and is tried again. One that was parked in an earlier boot is
 * dropped: its sandbox died with that boot, the sweep has ended what it held, and its start time means nothing in this one.
 */
public final class Spool implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Spool.class);

    /** How often the directory is looked at though nothing told of a change, and the first pause of a DEL that failed. */
    private static final Duration RETRY = Duration.ofSeconds(5);

    private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

    private final Path directory;
    private final CniSocket.CallHandler handler;
    private final String bootId;
    private final WatchService watch;
    private final Thread thread;
    private final News listing = new News();
    private final Map<Path, Failing> failing = new HashMap<>(); // the thread's own; as many as files

    /** A parked DEL that failed: when it is tried again (System.nanoTime), after which pause, why. */
    private record Failing(long due, Duration pause, String why) {}

    Spool(Path directory, CniSocket.CallHandler handler, String bootId, WatchService watch) {
        this.directory = directory;
        this.handler = handler;
        this.bootId = bootId;
        this.watch = watch;
        this.thread = Thread.ofVirtual().name("spool").unstarted(this::run);
    }

    /** Makes the directory, if need be, and starts to replay. */
    public static Spool start(Path directory, CniSocket.CallHandler handler, String bootId) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(
                directory,
                EnumSet.of(
                        PosixFilePermission.OWNER_READ,
                        PosixFilePermission.OWNER_WRITE,
                        PosixFilePermission.OWNER_EXECUTE));
        WatchService watch = directory.getFileSystem().newWatchService();
        directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        Spool spool = new Spool(directory, handler, bootId, watch);
        spool.thread.start();
        return spool;
    }

    private void run() {
        LoopGuard guard = new LoopGuard("replaying parked DELs");
        try {
            while (true) {
                guard.turn(() -> replay(System.nanoTime()));
                WatchKey key = watch.poll(RETRY.toNanos(), TimeUnit.NANOSECONDS);
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

    /** Replays what is due. */
    void replay(long now) {
        List<Path> files = parked();
        failing.keySet().retainAll(files);
        for (Path file : files) {
            Failing before = failing.get(file);
            if (before == null || now - before.due() >= 0) {
                replay(file).ifPresentOrElse(why -> fail(file, why, now), () -> failing.remove(file));
            }
        }
    }

    /** Why the DEL failed; empty when it is done. */
    private Optional<String> replay(Path file) {
        try {
            if (isOfEarlierBoot(file.getFileName().toString())) {
                Files.delete(file);
                LOG.infof("dropped %s: its sandbox died with the boot it was parked in", file.getFileName());
                return Optional.empty();
            }
            CniReply reply = handler.handle(Files.readAllBytes(file));
            if (!reply.isSuccess()) {
                return Optional.of(new String(reply.output(), StandardCharsets.UTF_8));
            }
            Files.delete(file);
            LOG.infof("replayed %s", file.getFileName());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }

    /** The plugin names files time-pid.boot.del; without the boot where it could not read it. */
    private boolean isOfEarlierBoot(String name) {
        String[] parts = name.split("\\.");
        return parts.length == 3 && !parts[1].isEmpty() && !parts[1].equals(bootId);
    }

    private void fail(Path file, String why, long now) {
        Failing before = failing.get(file);
        Duration pause = before == null ? RETRY : before.pause().multipliedBy(2);
        pause = pause.compareTo(LONGEST_RETRY) < 0 ? pause : LONGEST_RETRY;
        failing.put(file, new Failing(now + pause.toNanos(), pause, why));
        if (before == null || !before.why().equals(why)) {
            LOG.warnf("%s failed, tried again, ever less often: %s", file, why);
        }
    }

    /** In the order they were parked: names begin with the time. */
    private List<Path> parked() {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> parked = files.filter(f -> f.getFileName().toString().endsWith(".del"))
                    .sorted()
                    .toList();
            listing.over();
            return parked;
        } catch (IOException | UncheckedIOException e) { // the latter from within the stream
            if (listing.isNew(e.toString())) {
                LOG.warnf("spool %s cannot be listed: %s", directory, e.getMessage());
            }
            return List.of();
        }
    }

    /** False once no parked DEL is replayed any more. */
    public boolean isAlive() {
        return thread.isAlive();
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
