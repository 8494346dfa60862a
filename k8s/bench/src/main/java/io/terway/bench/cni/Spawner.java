package io.terway.bench.cni;

import io.terway.bench.Command;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts plugin processes through spawn.c, which times each from posix_spawn to exit. */
public final class Spawner {

    private final Path program;
    private final Path work;

    private Spawner(Path program, Path work) {
        this.program = program;
        this.work = work;
    }

    /** Compiles spawn.c into {@code work}. */
    public static Spawner compile(Path source, Path work) {
        Path program = work.resolve("spawn");
        if (Command.run(List.of("gcc", "-O2", "-o", program.toString(), source.toString()))
                        .exitCode()
                != 0) {
            throw new Unmeasurable("gcc could not compile " + source + "; install gcc and libc6-dev");
        }
        return new Spawner(program, work);
    }

    /** Runs one verb for each pod, {@code concurrency} at a time; milliseconds of each, any failure ends the run. */
    public List<Double> run(PluginUnderTest plugin, String verb, List<String> pods, int concurrency) {
        StringBuilder jobs = new StringBuilder();
        pods.forEach(pod -> jobs.append(plugin.job(verb, pod, out(plugin, pod))));
        Path input = work.resolve("jobs");
        write(input, jobs.toString());
        var finished = plugin.place().run(List.of(program.toString(), Integer.toString(concurrency)), input);
        if (finished.exitCode() != 0) {
            throw new Unmeasurable("the spawner ended with exit code " + finished.exitCode());
        }
        List<Double> millis = new ArrayList<>();
        for (String line : finished.out().lines().toList()) {
            String[] fields = line.split(" ");
            String pod = pods.get(Integer.parseInt(fields[0]));
            if (!fields[1].equals("0")) {
                throw new Unmeasurable(plugin.name() + " " + verb + " of " + pod + " ended with exit code " + fields[1]
                        + ": " + read(out(plugin, pod)).strip());
            }
            millis.add(Long.parseLong(fields[2]) / 1000.0);
        }
        if (millis.size() != pods.size()) {
            throw new Unmeasurable("the spawner reported " + millis.size() + " of " + pods.size() + " processes");
        }
        return millis;
    }

    private Path out(PluginUnderTest plugin, String pod) {
        return work.resolve("out-" + plugin.name().replaceAll("\\W+", "-") + "-" + pod);
    }

    public static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "(no output: " + e.getMessage() + ")";
        }
    }
}
