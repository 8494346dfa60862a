package io.terway.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Podman with its CNI backend in a node's namespace, with its own directories. It names a pod, but no namespace of it: the
 * list does.
 */
final class Podman implements AutoCloseable {

    private static final String CONFIG = """
            [network]
            network_backend = "cni"
            cni_plugin_dirs = ["%1$s", "/usr/lib/cni"]
            network_config_dir = "%2$s/net.d"
            [engine]
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            runtime = "runc"
            env = ["TERWAY_CNI_SOCKET=%3$s", "TERWAY_CNI_SPOOL=%4$s"]
            [containers]
            cgroups = "enabled"
            log_driver = "k8s-file"
            default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
            """;
    private static final String LIST = """
            {
              "cniVersion": "1.0.0",
              "name": "terway",
              "plugins": [
                {"type": "terway", "args": {"cni": {"labels": [{"key": "K8S_POD_NAMESPACE", "value": "default"}]}}},
                {"type": "portmap", "capabilities": {"portMappings": true}},
                {"type": "tuning", "sysctl": {"net.ipv4.conf.all.log_martians": "1"}}
              ]
            }
            """;
    private static final String CGROUPS = "terway-podman-test";

    private final NodeLab lab;
    private final Path directory;

    /** Its packages, as far as they are missing. */
    static List<String> missing() {
        return Map.of(
                        "podman", "/usr/bin/podman",
                        "runc", "/usr/sbin/runc",
                        "containernetworking-plugins", "/usr/lib/cni/portmap",
                        "busybox-static", "/bin/busybox")
                .entrySet()
                .stream()
                .filter(p -> !Files.isExecutable(Path.of(p.getValue())))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    Podman(NodeLab lab, Path directory) throws IOException, InterruptedException {
        this.lab = lab;
        this.directory = directory;
        Files.writeString(Files.createDirectories(directory.resolve("net.d")).resolve("10-terway.conflist"), LIST);
        lab.await("the agent's plugin", () -> Files.isExecutable(lab.path("bin/terway")));
        Map<String, String> plugin = lab.pluginEnvironment();
        Files.writeString(
                directory.resolve("containers.conf"),
                CONFIG.formatted(
                        lab.path("bin"), directory, plugin.get("TERWAY_CNI_SOCKET"), plugin.get("TERWAY_CNI_SPOOL")));
        succeeds("import", new BusyboxImage(directory.resolve("image")).rootFs().toString(), BusyboxImage.NAME);
    }

    /** Begins a container of that name; {@code options} are podman's. */
    void run(String name, List<String> options, String... command) {
        List<String> words = new ArrayList<>(List.of(
                "run", "-d", "--name", name, "--network", "terway", "--cgroup-parent", CGROUPS, "--pull", "never"));
        words.addAll(options);
        words.add(BusyboxImage.NAME);
        words.addAll(List.of(command));
        succeeds(words.toArray(String[]::new));
    }

    String address(String name) {
        return succeeds("inspect", "--format", "{{(index .NetworkSettings.Networks \"terway\").IPAddress}}", name);
    }

    int processId(String name) {
        return Integer.parseInt(succeeds("inspect", "--format", "{{.State.Pid}}", name));
    }

    int monitorId(String name) {
        return Integer.parseInt(succeeds("inspect", "--format", "{{.State.ConmonPid}}", name));
    }

    String succeeds(String... arguments) {
        NodeLab.Outcome outcome = call(arguments);
        if (outcome.exit() != 0) {
            throw new AssertionError("podman " + String.join(" ", arguments) + ": " + outcome.output());
        }
        return outcome.output().strip();
    }

    NodeLab.Outcome call(String... arguments) {
        List<String> words = new ArrayList<>(List.of(
                "podman",
                "--root",
                directory.resolve("root").toString(),
                "--runroot",
                directory.resolve("run").toString(),
                "--tmpdir",
                directory.resolve("tmp").toString(),
                "--storage-driver",
                "vfs"));
        words.addAll(List.of(arguments));
        ProcessBuilder builder = lab.runtime(words.toArray(String[]::new));
        builder.environment()
                .put("CONTAINERS_CONF", directory.resolve("containers.conf").toString());
        return NodeLab.run(builder, "");
    }

    @Override
    public void close() {
        call("rm", "-f", "-a", "-t", "0");
        List<Path> hierarchies = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/sys/fs/cgroup"))) {
            all.map(hierarchy -> hierarchy.resolve(CGROUPS))
                    .filter(Files::isDirectory)
                    .forEach(hierarchies::add);
        } catch (IOException none) {
            return;
        }
        hierarchies.add(Path.of("/sys/fs/cgroup").resolve(CGROUPS));
        hierarchies.stream().filter(Files::isDirectory).forEach(Podman::removeGroups);
    }

    private static void removeGroups(Path group) {
        try (Stream<Path> inside = Files.walk(group)) {
            inside.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .forEach(directory -> directory.toFile().delete());
        } catch (IOException e) { // the machine has an empty group more
        }
    }
}
