package io.terway.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A containerd of our own in a node's namespace, with its own directories; it executes our plugin. */
final class Containerd implements AutoCloseable {

    private static final String CONFIG = """
            version = 2
            root = "%1$s/root"
            state = "%1$s/state"
            disabled_plugins = ["io.containerd.internal.v1.opt"]
            [grpc]
              address = "%1$s/containerd.sock"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "%2$s"
              disable_apparmor = true
              disable_cgroup = true
              restrict_oom_score_adj = true
              [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "%3$s"
                conf_dir = "%4$s"
              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"
                default_runtime_name = "runc"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                  runtime_type = "io.containerd.runc.v2"
            """;

    private final NodeLab lab;
    private final Path directory;
    private final Path config;
    private Process process;
    private Cri cri;

    /** Its packages, as far as they are missing. */
    static List<String> missing() {
        return Map.of(
                        "containerd", "/usr/bin/containerd",
                        "runc", "/usr/sbin/runc",
                        "containernetworking-plugins", "/usr/lib/cni/loopback",
                        "busybox-static", "/bin/busybox")
                .entrySet()
                .stream()
                .filter(p -> !Files.isExecutable(Path.of(p.getValue())))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    Containerd(NodeLab lab, Path directory) throws Exception {
        this.lab = lab;
        this.directory = Files.createDirectories(directory);
        this.config = directory.resolve("config.toml");
        Files.writeString(config, CONFIG.formatted(directory, BusyboxImage.NAME, lab.path("bin"), lab.path("net.d")));
        start();
        Path image = new BusyboxImage(directory.resolve("image")).ociLayout();
        NodeLab.Outcome imported = lab.run(
                "ctr",
                "-a",
                socket().toString(),
                "-n",
                "k8s.io",
                "images",
                "import",
                "--snapshotter",
                "native",
                image.toString());
        if (imported.exit() != 0) {
            throw new AssertionError(imported.output());
        }
    }

    private Path socket() {
        return directory.resolve("containerd.sock");
    }

    Cri cri() {
        return cri;
    }

    /** Starts it, or the next one on what the one before left. */
    void start() throws IOException, InterruptedException {
        process = lab.runtime("containerd", "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        cri = new Cri(socket());
        lab.await("the network of containerd\n" + directory.resolve("log"), this::isReady);
    }

    private boolean isReady() {
        try {
            return cri.isNetworkReady();
        } catch (io.grpc.StatusRuntimeException starting) {
            return false;
        }
    }

    /** Ends containerd alone: its pods go on. */
    void kill() throws InterruptedException {
        cri.close();
        process.destroyForcibly().waitFor();
    }

    /** Ends the process that watches over a pod. */
    void killShim(String sandbox) {
        ProcessHandle.allProcesses().filter(p -> isShim(p, sandbox)).forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean isShim(ProcessHandle process, String sandbox) {
        List<String> words = List.of(process.info().arguments().orElse(new String[0]));
        return process.info()
                        .command()
                        .filter(c -> c.contains("containerd-shim"))
                        .isPresent()
                && words.contains(sandbox);
    }

    @Override
    public void close() {
        for (String sandbox : cri.sandboxes()) { // of a test that failed
            cri.stop(sandbox);
            cri.remove(sandbox);
        }
        cri.close();
        process.destroy();
        process.onExit().join();
    }
}
