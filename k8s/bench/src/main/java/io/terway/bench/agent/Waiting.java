package io.terway.bench.agent;

import io.terway.bench.Place;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A command tried every 10 ms on a node until it succeeds; a file gets the time of that, in seconds since boot. */
final class Waiting implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final Process process;

    private Waiting(Process process) {
        this.process = process;
    }

    /** Returns when it tries. */
    static Waiting until(Place place, String command, Path file) throws IOException {
        String script = "echo trying; until " + command + "; do sleep 0.01; done; cut -d' ' -f1 /proc/uptime > " + file
                + ".new; mv " + file + ".new " + file;
        Process process = new ProcessBuilder(place.words(List.of("sh", "-c", script)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!"trying".equals(process.inputReader().readLine())) {
            throw new Unmeasurable("cannot run commands on the node");
        }
        return new Waiting(process);
    }

    /** When the command succeeded. */
    static double ended(Path file) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(file)) {
            if (System.nanoTime() > deadline) {
                throw new Unmeasurable(file.getFileName() + " has not come in " + PATIENCE_SECONDS + " s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return Double.parseDouble(Files.readString(file).strip());
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
