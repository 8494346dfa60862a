package io.terway.lab.cli;

import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import io.terway.lab.cluster.ClusterSpec;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.Layout;
import io.terway.lab.cluster.SpecOptions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts and ends the detached processes of a lab. */
final class LabProcess {
    private static final Duration SOCKET_LIMIT = Duration.ofSeconds(20);
    private static final Duration END_LIMIT = Duration.ofSeconds(30);

    private LabProcess() {}

    /**
     * Starts a lab's supervisor in new namespaces, detached from this terminal, and waits until it listens.
     *
     * @param ephemeral the state directory goes with the lab
     * @return the process outside the namespaces
     * @throws Refusal when a lab runs there already, or the machine does not allow namespaces
     */
    static Process start(ClusterSpec spec, Layout layout, boolean ephemeral) {
        if (Control.alive(layout.control())) {
            throw new Refusal("a lab runs in " + layout.state() + " already; lab down ends it, --state starts another");
        }
        Path root = Path.of(System.getenv("TERWAY_LAB_ROOT"));
        Path scripts = root.resolve("k8s/lab/src/main/sh");
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                "bash",
                scripts.resolve("outer.sh").toString(),
                scripts.resolve("init.sh").toString(),
                layout.state().toString(),
                ephemeral ? "ephemeral" : "keep"));
        command.addAll(java("io.terway.lab.cluster.SupervisorMain"));
        command.addAll(List.of("--state", layout.state().toString()));
        command.addAll(SpecOptions.arguments(spec));
        Path log = layout.state().resolve("supervisor.log");
        try {
            clear(layout.state());
            Files.createDirectories(layout.state());
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(new File("/dev/null"))
                    .start();
            if (spec.kubeconfig().isPresent()) {
                startRelay(spec.kubeconfig().get(), layout);
            }
            awaitSocket(process, layout, log);
            return process;
        } catch (IOException e) {
            throw new Refusal("cannot start a lab in " + layout.state() + ": " + e.getMessage());
        }
    }

    /** Waits until the lab that was told to end is gone, and removes its directory. */
    static void awaitEnd(Layout layout, long firstPid) {
        ProcessHandle.of(firstPid).ifPresent(first -> {
            try {
                first.onExit().get(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // PID 1 of the namespace: with it the kernel ends everything inside.
                first.destroyForcibly();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        clear(layout.state());
    }

    /** The PID of the lab's first process as seen from here. */
    static long firstPid(Layout layout) {
        try {
            return Long.parseLong(Files.readString(layout.pid()).strip());
        } catch (IOException | NumberFormatException e) {
            throw new Refusal("no lab runs in " + layout.state() + "; start one with lab up");
        }
    }

    /** A directory that is no lab's is not touched. */
    static void clear(Path state) {
        if (!Files.exists(state)) {
            return;
        }
        String[] entries = state.toFile().list();
        boolean ours = entries != null
                && (entries.length == 0
                        || Files.exists(state.resolve("supervisor.log"))
                        || Files.exists(state.resolve("run")));
        if (!ours) {
            throw new Refusal("--state " + state + " is not empty and not a lab's directory");
        }
        Shell.need(List.of("rm", "-rf", "--one-file-system", state.toString()), "");
    }

    private static void startRelay(Path kubeconfig, Layout layout) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(java("io.terway.lab.cli.RelayMain"));
        command.addAll(List.of(layout.state().toString(), kubeconfig.toString()));
        new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(layout.state().resolve("relay.log").toFile())
                .redirectInput(new File("/dev/null"))
                .start();
    }

    /** This program's own java command with another main class. */
    private static List<String> java(String main) {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> options = List.of(self.arguments().orElseThrow());
        List<String> command = new ArrayList<>(List.of(self.command().orElseThrow()));
        command.addAll(options.subList(0, options.indexOf(Lab.class.getName())));
        command.add(main);
        return command;
    }

    private static void awaitSocket(Process process, Layout layout, Path log) throws IOException {
        long deadline = System.nanoTime() + SOCKET_LIMIT.toNanos();
        while (!Control.alive(layout.control())) {
            boolean late = System.nanoTime() - deadline > 0;
            if (late || !process.isAlive()) {
                process.destroy();
                String said = Files.exists(log)
                        ? Files.readString(log).lines().findFirst().orElse("")
                        : "";
                throw new Refusal(
                        said.contains("unshare")
                                ? said + "; run as root, or allow unprivileged user namespaces"
                                : "the lab did not start: " + (said.isEmpty() ? "no message" : said));
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                process.destroy();
                Thread.currentThread().interrupt();
                throw new Refusal("interrupted");
            }
        }
    }
}
