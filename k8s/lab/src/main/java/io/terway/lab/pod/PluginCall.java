package io.terway.lab.pod;

import io.terway.lab.Refusal;
import io.terway.linux.netns.NetnsThread;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One execution of one CNI plugin on a node, as containerd does it.
 *
 * @param nodeNetns where the plugin runs
 * @param path directories with plugins, in search order
 * @param environment the CNI_* variables and the plugin's own
 */
record PluginCall(Path nodeNetns, List<Path> path, String type, Map<String, String> environment, String input) {

    /** Runtimes give up after some minutes; the product's own deadline for ADD is 60 s. */
    private static final Duration LIMIT = Duration.ofSeconds(120);

    /**
     * @param code the plugin's exit code
     * @param wall from just before the process is made to when its end is seen, on the monotonic clock
     */
    record Answer(int code, String out, String err, Duration wall) {}

    /**
     * Runs the plugin to its end. The process is made by a thread in the node's namespace, which it inherits: no helper
     * program is between, so the time is the plugin's own plus that of one process creation.
     *
     * @throws Refusal when there is no such plugin or it does not end within {@link #LIMIT}
     */
    Answer run() {
        Path executable = path.stream()
                .map(directory -> directory.resolve(type))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new Refusal("CNI plugin " + type + " is in none of " + path));
        ProcessBuilder builder = new ProcessBuilder(executable.toString());
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().putAll(environment);
        byte[] stdin = input.getBytes(StandardCharsets.UTF_8);
        return NetnsThread.call(nodeNetns, () -> exchange(builder, stdin));
    }

    private Answer exchange(ProcessBuilder builder, byte[] stdin) {
        try {
            long begun = System.nanoTime();
            Process process = builder.start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(stdin);
            } catch (IOException e) {
                // It ended without reading: its exit code and output tell why.
            }
            if (!process.waitFor(LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly();
                throw new Refusal("CNI plugin " + type + " did not end within " + LIMIT.toSeconds() + " s");
            }
            Duration wall = Duration.ofNanos(System.nanoTime() - begun);
            // A result fits the pipe (64 KiB), so reading after the end cannot block the plugin.
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(process.exitValue(), out, err.strip(), wall);
        } catch (IOException e) {
            throw new Refusal("cannot run CNI plugin " + type + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal("interrupted while CNI plugin " + type + " ran");
        }
    }
}
