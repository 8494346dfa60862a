package io.terway.lab.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.lab.Refusal;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The process behind `lab up`: lives in the lab's namespaces from up to down; its end is the end of all of them. */
@Command(name = "supervisor")
public final class SupervisorMain implements Callable<Integer> {

    @Option(names = "--state", required = true)
    Path state;

    @Mixin
    SpecOptions options = new SpecOptions();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SupervisorMain()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Layout layout = new Layout(state);
        ClusterSpec spec = options.spec();
        Path root = Path.of(System.getenv("TERWAY_LAB_ROOT"));
        Path archive = Path.of(System.getenv().getOrDefault("TERWAY_LAB_ARCHIVE", "/nonexistent"));
        boolean train = System.getenv("TERWAY_LAB_TRAIN") != null;
        Launches launches = new Launches(spec, layout, root, Path.of(System.getProperty("java.home")), archive, train);
        Progress progress = new Progress();
        CountDownLatch ending = new CountDownLatch(1);
        Cluster cluster = new Cluster(spec, layout, launches, progress);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            ending.countDown();
            awaitQuietly(ended);
        }));
        ServerSocketChannel control = Control.serve(layout.control(), new Operations(cluster, progress, ending));
        try {
            Thread.ofVirtual().start(() -> progress.end(bringUp(cluster)));
            ending.await();
        } finally {
            closeQuietly(cluster);
            control.close();
            Files.deleteIfExists(layout.control());
            ended.countDown();
        }
        return 0;
    }

    /** The loop top of the start: whatever goes wrong is told to who waits, and the lab stays for a look at its logs. */
    private static Optional<String> bringUp(Cluster cluster) {
        try {
            cluster.bringUp();
            return Optional.empty();
        } catch (Refusal | KubernetesClientException e) {
            return Optional.of(e.getMessage());
        } catch (RuntimeException e) {
            e.printStackTrace();
            return Optional.of("the lab has a bug, its trace is in supervisor.log: " + e);
        }
    }

    private static void closeQuietly(Cluster cluster) {
        try {
            cluster.close();
        } catch (RuntimeException e) {
            e.printStackTrace();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
