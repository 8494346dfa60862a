package io.terway.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Runs a command to its end. Benchmarks start processes by nature. */
public final class Command {

    private Command() {}

    /** What a finished command printed. */
    public record Finished(int exitCode, String out) {}

    /** Runs with standard error passed on to ours. */
    public static Finished run(List<String> words) {
        return run(words, Path.of("/dev/null"));
    }

    /** Runs with this file as standard input. */
    public static Finished run(List<String> words, Path stdin) {
        try {
            Process process = new ProcessBuilder(words)
                    .redirectInput(stdin.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String out = new String(process.getInputStream().readAllBytes());
            return new Finished(process.waitFor(), out);
        } catch (IOException e) {
            throw new Unmeasurable("cannot run " + words.getFirst() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            throw new Unmeasurable("interrupted while " + words.getFirst() + " ran");
        }
    }

    /** Runs and insists on exit code 0. */
    public static String require(List<String> words) {
        Finished finished = run(words);
        if (finished.exitCode != 0) {
            throw new Unmeasurable(String.join(" ", words) + " ended with exit code " + finished.exitCode + ": "
                    + finished.out.strip());
        }
        return finished.out;
    }
}
