package io.terway.lab.manifests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program of the machine, run to its end. */
final class Command {

    private static final long PATIENCE_SECONDS = 60;

    private Command() {}

    record Result(int code, String output, String error) {}

    static Result run(Path directory, List<String> command) {
        try {
            Path output = Files.createTempFile("command", ".out");
            Path error = Files.createTempFile("command", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectOutput(output.toFile())
                        .redirectError(error.toFile())
                        .start();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(command + " did not end within " + PATIENCE_SECONDS + " s");
                }
                return new Result(process.exitValue(), Files.readString(output), Files.readString(error));
            } finally {
                Files.delete(output);
                Files.delete(error);
            }
        } catch (IOException e) {
            throw new AssertionError(command + " cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(command + " was interrupted", e);
        }
    }

    /** Aborts the test when no directory of PATH has the program. */
    static void requirePackage(String program, String packages) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (Files.isExecutable(Path.of(directory).resolve(program))) {
                return;
            }
        }
        Assumptions.abort("package: needs " + packages);
    }
}
