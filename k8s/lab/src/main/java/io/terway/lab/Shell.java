package io.terway.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a tool of the machine to its end. The lab forks freely; the product does not. Safe for use by many threads. */
public final class Shell {
    /** A tool that takes longer is killed; the slowest one here (ip -batch of thousands of lines) takes a second. */
    private static final long LIMIT_SECONDS = 30;

    private Shell() {}

    /** What a tool said: exit code, standard output, and standard error without trailing line ends. */
    public record Outcome(int code, String out, String err) {
        public boolean ok() {
            return code == 0;
        }
    }

    /**
     * Runs {@code command} with {@code input} on its standard input.
     *
     * @throws Refusal when the tool is not installed or does not end in time
     */
    public static Outcome run(List<String> command, String input) {
        Process process = start(command);
        try {
            Thread feeder = Thread.ofVirtual().start(() -> feed(process, input));
            StringBuilder err = new StringBuilder();
            Thread errors = Thread.ofVirtual().start(() -> err.append(drain(process.getErrorStream())));
            String out = drain(process.getInputStream());
            errors.join();
            feeder.join();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new Refusal(command.getFirst() + " did not end within " + LIMIT_SECONDS + " s: "
                        + String.join(" ", command));
            }
            return new Outcome(process.exitValue(), out, err.toString().strip());
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new Refusal("interrupted while running " + command.getFirst());
        }
    }

    /** As {@link #run}; a non-zero exit is a {@link Refusal} that carries the tool's first line of error. */
    public static String need(List<String> command, String input) {
        Outcome outcome = run(command, input);
        if (!outcome.ok()) {
            String line = outcome.err().isEmpty()
                    ? "exit code " + outcome.code()
                    : outcome.err().lines().findFirst().orElse("");
            throw new Refusal(String.join(" ", command) + ": " + line);
        }
        return outcome.out();
    }

    private static Process start(List<String> command) {
        try {
            return new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new Refusal("cannot run " + command.getFirst() + ": " + e.getMessage() + "; see lab deps");
        }
    }

    private static void feed(Process process, String input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The tool ended before reading everything: its exit code tells.
        }
    }

    private static String drain(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
