package io.terway.lab.cli;

import io.terway.lab.Refusal;
import io.terway.lab.cluster.ClusterSpec;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.Layout;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** One lab with one pod, whose services leave class archives, because the script set TERWAY_LAB_TRAIN. */
@Command(
        name = "train",
        description = "Makes class archives of services and agent: the next starts take half the CPU time.")
final class TrainCommand implements Callable<Integer> {
    /** At its end each JVM assembles its archive, some seconds of CPU time each. */
    private static final long END_SECONDS = 300;

    @ParentCommand
    Lab lab;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Layout layout = new Layout(Files.createTempDirectory(Path.of("/tmp"), "terway-train-"));
        Process outer = LabProcess.start(ClusterSpec.standard(), layout, true);
        Runtime.getRuntime().addShutdownHook(new Thread(outer::destroy));
        try (SocketChannel owner = Control.hold(layout.control())) {
            Control.ask(layout.control(), Control.request("await"), line -> {});
            String pod = "default/training";
            Control.ask(
                    layout.control(), Control.request("pod-add").put("pod", pod).put("node", "node-1"), line -> {});
            Control.ask(layout.control(), Control.request("pod-del").put("pod", pod), line -> {});
            owner.shutdownOutput();
        }
        if (!outer.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new Refusal("the training lab did not end within " + END_SECONDS + " s");
        }
        return 0;
    }
}
