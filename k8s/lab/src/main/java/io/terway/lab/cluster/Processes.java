package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The running processes of a lab by component name. Callable from any thread. */
final class Processes {
    /** A JVM on a busy machine may take long; a component that needs more than this is broken. */
    static final Duration READY_LIMIT = Duration.ofSeconds(240);

    private static final Duration POLL = Duration.ofMillis(150);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final int PROBE_MILLIS = 2_000;

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    private record Entry(Process process, Launch launch, boolean wantedDown) {}

    /** What is known of one component; {@code pid} is the one inside the lab's PID namespace. */
    record Condition(String name, Optional<Long> pid, String state) {}

    /** Starts the process; {@link #awaitReady} tells when it serves. */
    void start(Component component, Launch launch) {
        Entry before = entries.get(component.name());
        if (before != null && before.process.isAlive()) {
            throw new Refusal(component.name() + " is running already, as process " + before.process.pid());
        }
        try {
            Files.createDirectories(launch.log().getParent());
            ProcessBuilder builder = new ProcessBuilder(launch.command())
                    .directory(launch.directory().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(launch.log().toFile()))
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
            // The product refuses variables of its prefix that it does not know.
            builder.environment().keySet().removeIf(name -> name.startsWith("TERWAY_"));
            builder.environment().putAll(launch.environment());
            entries.put(component.name(), new Entry(builder.start(), launch, false));
        } catch (IOException e) {
            throw new Refusal("cannot start " + component.name() + ": " + e.getMessage());
        }
    }

    /**
     * Waits until the component answers its health question.
     *
     * @throws Refusal when it exits first or takes longer than {@link #READY_LIMIT}, with the end of its log
     */
    void awaitReady(Component component) {
        Entry entry = entry(component);
        long deadline = System.nanoTime() + READY_LIMIT.toNanos();
        while (!answers(entry.launch.health())) {
            if (!entry.process.isAlive()) {
                throw new Refusal(component.name() + " ended with exit code " + entry.process.exitValue() + "; "
                        + lastLine(entry.launch) + " (" + entry.launch.log() + ")");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new Refusal(component.name() + " is not ready after " + READY_LIMIT.toSeconds() + " s: http://"
                        + entry.launch.health().host() + ":"
                        + entry.launch.health().port() + entry.launch.health().path() + " does not answer 200 ("
                        + entry.launch.log() + ")");
            }
            pause();
        }
    }

    /** Sends a signal by name or number; for those that end a process by nature, waits until it is gone. */
    void signal(Component component, String signal) {
        Entry entry = entry(component);
        if (!entry.process.isAlive()) {
            throw new Refusal(component.name() + " is not running");
        }
        String name = signal.startsWith("SIG") ? signal.substring(3) : signal;
        boolean ends = List.of("KILL", "9", "TERM", "15", "INT", "2").contains(name);
        if (ends) {
            entries.put(component.name(), new Entry(entry.process, entry.launch, true));
        }
        Shell.Outcome outcome =
                Shell.run(List.of("sh", "-c", "kill -s \"$0\" \"$1\"", name, Long.toString(entry.process.pid())), "");
        if (!outcome.ok()) {
            throw new Refusal("'" + signal + "' is not a signal this machine knows: " + outcome.err());
        }
        if (ends && !exits(entry.process)) {
            throw new Refusal(component.name() + " is still running " + STOP_LIMIT.toSeconds() + " s after " + signal);
        }
    }

    /** Ends everything: politely, then, after {@code limit}, not. */
    void stopAll(Duration limit) {
        entries.values().forEach(entry -> entry.process.destroy());
        long deadline = System.nanoTime() + limit.toNanos();
        for (Entry entry : entries.values()) {
            try {
                if (!entry.process.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    entry.process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                entry.process.destroyForcibly();
            }
        }
    }

    Condition condition(Component component) {
        Entry entry = entries.get(component.name());
        if (entry == null) {
            return new Condition(component.name(), Optional.empty(), "stopped");
        }
        if (!entry.process.isAlive()) {
            return new Condition(
                    component.name(),
                    Optional.empty(),
                    entry.wantedDown ? "stopped" : "failed (exit code " + entry.process.exitValue() + ")");
        }
        String state = paused(entry.process.pid()) ? "paused" : answers(entry.launch.health()) ? "ready" : "starting";
        return new Condition(component.name(), Optional.of(entry.process.pid()), state);
    }

    private Entry entry(Component component) {
        Entry entry = entries.get(component.name());
        if (entry == null) {
            throw new Refusal(component.name() + " was not started");
        }
        return entry;
    }

    private static boolean exits(Process process) {
        try {
            return process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The third field of stat, after the command in parentheses, which may hold blanks. */
    private static boolean paused(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).startsWith("T");
        } catch (IOException e) {
            return false;
        }
    }

    /** One HTTP/1.0 question over a plain socket: an HTTP client costs more to start than all answers together. */
    static boolean answers(Launch.Health health) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(health.host(), health.port()), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.getOutputStream()
                    .write(("GET " + health.path() + " HTTP/1.0\r\nHost: " + health.host() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] head = socket.getInputStream().readNBytes("HTTP/1.x 200".length());
            return new String(head, StandardCharsets.US_ASCII).endsWith(" 200");
        } catch (IOException e) {
            return false;
        }
    }

    private static String lastLine(Launch launch) {
        try {
            List<String> lines = Files.readAllLines(launch.log());
            return lines.reversed().stream()
                    .filter(line -> !line.isBlank())
                    .findFirst()
                    .orElse("its log is empty");
        } catch (IOException e) {
            return "it has no log";
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal("interrupted while waiting");
        }
    }
}
