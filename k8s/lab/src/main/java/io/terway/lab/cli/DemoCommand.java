package io.terway.lab.cli;

import io.terway.lab.Refusal;
import io.terway.lab.cluster.ClusterSpec;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.Layout;
import io.terway.lab.cluster.SpecOptions;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** The main job from nothing to nothing. The lab's life hangs on this process: the supervisor watches a connection. */
@Command(
        name = "demo",
        description = "Starts everything, adds pods, checks traffic, prints a summary, leaves nothing behind.")
final class DemoCommand implements Callable<Integer> {
    private static final long END_SECONDS = 30;

    @ParentCommand
    Lab lab;

    @Mixin
    SpecOptions options = new SpecOptions();

    private record Running(Process outer, SocketChannel owner) {}

    private final AtomicReference<Running> running = new AtomicReference<>();

    @Override
    public Integer call() {
        ClusterSpec spec = options.spec();
        spec.requireSupported(UpCommand.isRoot());
        Layout layout = lab.state != null ? lab.layout() : new Layout(scratch());
        Thread onInterrupt = new Thread(() -> end(layout));
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        DemoReport report = new DemoReport(lab.json ? line -> {} : lab.out()::println);
        try {
            report.say("state in " + layout.state());
            UpCommand.tellLimits(spec, report::say);
            Process outer = LabProcess.start(spec, layout, true);
            running.set(new Running(outer, Control.hold(layout.control())));
            new DemoRun(spec, layout, report).run();
        } catch (Refusal refusal) {
            report.failed(refusal.getMessage());
        } finally {
            end(layout);
            LabProcess.clear(layout.state());
        }
        report.step(
                "nothing left behind", !Files.exists(layout.state()), layout.state() + " and its namespaces are gone");
        lab.print(report.json(), report.summary());
        return report.passed() ? 0 : Refusal.FAILED;
    }

    /** Idempotent: called at the end, and once more by the hook when a signal ends this program. */
    private void end(Layout layout) {
        Running now = running.getAndSet(null);
        if (now == null) {
            return;
        }
        try {
            now.owner().close();
            if (!now.outer().waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                ProcessHandle.of(LabProcess.firstPid(layout)).ifPresent(ProcessHandle::destroyForcibly);
                now.outer().waitFor(END_SECONDS, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            now.outer().destroy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory(Path.of("/tmp"), "terway-demo-");
        } catch (IOException e) {
            throw new Refusal("cannot make a directory in /tmp: " + e.getMessage());
        }
    }
}
