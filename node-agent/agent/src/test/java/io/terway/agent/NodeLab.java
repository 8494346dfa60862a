package io.terway.agent;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;

/**
 * One node of its own: a namespace with an ENI whose other end is a VPC of one router, the packaged agent in it, and a
 * model of ipam-service. Everything it makes it removes.
 */
final class NodeLab implements AutoCloseable {

    static final int IPAM_PORT = 7601;
    static final int ADDRESSES = 240;
    static final String GATEWAY = "10.0.79.253";
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final Path NATIVE = Path.of("target/node-agent-0.1.0-runner");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String ENI_MAC = "00:16:3e:00:00:0a";
    private static final String JAVA = ProcessHandle.current().info().command().orElseThrow();

    /** What a command printed and how it ended. */
    record Outcome(int exit, String output) {}

    private final Path directory;
    private final Options options;
    private final String name = "tw" + ProcessHandle.current().pid() + "-";
    private final List<String> namespaces = new ArrayList<>();
    private Process ipam;
    private Process agent;

    /**
     * What can be asked of a node.
     *
     * @param coolDownMillis of freed addresses
     * @param ipStack of its pods
     * @param acceleration connections between its pods skip the host's stack
     * @param kind what else its configuration asks for
     */
    record Options(int coolDownMillis, String ipStack, boolean acceleration, IpamModelMain.Kind kind) {

        Options(int coolDownMillis, String ipStack, boolean acceleration) {
            this(coolDownMillis, ipStack, acceleration, IpamModelMain.Kind.PLAIN);
        }
    }

    NodeLab(Path directory) throws Exception {
        this(directory, new Options(30_000, "ipv4", false));
    }

    NodeLab(Path directory, Options options) throws Exception {
        this.directory = directory;
        this.options = options;
        namespace("node");
        namespace("vpc");
        plugShared();
        if (options.kind() == IpamModelMain.Kind.EVERYTHING) {
            plug("eth2", IpamModelMain.OWN_ENI.getMac(), "eni2");
            ip("-n %svpc route add %s dev eni2", name, IpamModelMain.OWN_ENI.getPrimaryAddress());
        }
        ip("-n %snode link set lo up", name);
        prepareState();
        startIpam();
        startAgent();
    }

    private void plugShared() {
        plug("eth1", ENI_MAC, "eni");
        ip("-n %svpc addr add %s/20 dev eni", name, GATEWAY);
    }

    /** An ENI: a link of the node whose other end is in the VPC. */
    private void plug(String link, String mac, String port) {
        ip("link add %s netns %snode address %s type veth peer name %s netns %svpc", link, name, mac, port, name);
        ip("-n %svpc link set %s up", name, port);
    }

    private void startIpam() throws IOException, InterruptedException {
        ipam = inNode(
                "ipam",
                JAVA,
                "-cp",
                System.getProperty("java.class.path"),
                "io.terway.agent.IpamModelMain",
                Integer.toString(IPAM_PORT),
                Integer.toString(ADDRESSES),
                "100",
                Integer.toString(options.coolDownMillis()),
                options.ipStack(),
                options.kind().toString());
        await("the model of ipam-service", () -> read("ipam").contains("serving"));
    }

    /** ipam-service ends, and the next one has heard of nothing. */
    void forgetEverything() throws IOException, InterruptedException {
        ipam.destroyForcibly().waitFor();
        Files.delete(directory.resolve("ipam.log"));
        startIpam();
    }

    /** Who the node is and where ipam-service is, as earlier runs of the agent left it: no API server is needed. */
    private void prepareState() throws IOException {
        Path state = Files.createDirectories(directory.resolve("state"));
        String boot = Files.readString(BOOT_ID).strip();
        Files.writeString(
                state.resolve("identity"),
                "boot=" + boot + "\nname=node-1\nuid=u\ninstance=i-1\ntype=ecs.g7.xlarge\nzone=cn-hangzhou-h\n"
                        + "region=cn-hangzhou\naddresses=10.0.0.10\n");
        Files.writeString(state.resolve("terway-ipam.address"), "127.0.0.1:" + IPAM_PORT + "\n");
        Files.writeString(
                directory.resolve("kubeconfig"),
                "apiVersion: v1\nkind: Config\ncurrent-context: none\nclusters:\n- name: none\n  cluster: {server: "
                        + "'http://127.0.0.1:1'}\ncontexts:\n- name: none\n  context: {cluster: none, user: none}\n"
                        + "users:\n- name: none\n  user: {}\n");
    }

    void startAgent() throws IOException, InterruptedException {
        // -Dnative leaves an executable in place of the jar: then that is what is tried.
        agent = !Files.exists(JAR)
                ? inNode("agent", NATIVE.toString())
                : inNode(
                        "agent",
                        JAVA,
                        "-XX:+UseSerialGC",
                        "-Xmx96m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-jar",
                        JAR.toString());
        await(
                "the agent's socket",
                () -> plugin("STATUS", "x", "x", "1.1.0", "").exit() == 0);
        await("the node's pods", () -> readFile("state/pods").contains("\"p99\""));
    }

    /** Ends the agent with no chance to tidy up. */
    void killAgent() throws InterruptedException {
        // `ip netns exec` becomes the command, so this is the agent itself.
        agent.destroyForcibly().waitFor();
    }

    /** Ends the agent as a roll-out does. */
    void stopAgent() throws InterruptedException {
        agent.destroy();
        agent.waitFor();
    }

    /** How many files the agent may have open from now on. */
    Outcome limitFiles(long most) {
        return run("prlimit", "--pid", Long.toString(agent.pid()), "--nofile=" + most + ":4096");
    }

    long openFiles() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + agent.pid() + "/fd"))) {
            return descriptors.count();
        }
    }

    /**
     * The node is powered off and on: what the kernel had is gone, the disk is there, and the machine's metadata has told the
     * agent again who the node is.
     */
    void reboot() throws IOException, InterruptedException {
        killAgent();
        for (String pod : List.copyOf(namespaces)) {
            if (!pod.endsWith("-node") && !pod.endsWith("-vpc")) {
                ip("netns del %s", pod);
                namespaces.remove(pod);
            }
        }
        shell(
                "node",
                "ip -4 rule flush protocol 84; ip -6 rule flush protocol 84; nft flush ruleset; ip link del eth1;"
                        + " for link in $(ls /sys/class/net | grep -v lo); do ip link del $link; done");
        plugShared();
        String before = Files.readString(BOOT_ID).strip();
        String now = before.replace(before.charAt(0), before.charAt(0) == 'a' ? 'b' : 'a');
        Files.writeString(directory.resolve("boot_id"), now + "\n");
        Path identity = directory.resolve("state/identity");
        Files.writeString(identity, Files.readString(identity).replace(before, now));
        startAgent();
    }

    /** Descriptors of bpf programs, maps and links that the agent holds. */
    long bpfDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + agent.pid() + "/fdinfo"))) {
            return descriptors.filter(NodeLab::isOfBpf).count();
        }
    }

    private static boolean isOfBpf(Path descriptor) {
        try {
            return Files.readString(descriptor).matches("(?s).*\\b(prog|map|link)_id:.*");
        } catch (IOException closed) {
            return false;
        }
    }

    Path path(String inside) {
        return directory.resolve(inside);
    }

    /** A pod's namespace, empty. */
    synchronized void pod(String pod) {
        namespace(pod);
    }

    /** The namespace ends, as that of a pod whose runtime has stopped it. */
    synchronized void podGone(String pod) {
        ip("netns del %s%s", name, pod);
        namespaces.remove(name + pod);
    }

    /** The agent's scrape. */
    String metrics() {
        return in("node", "curl -s http://127.0.0.1:9191/metrics").output();
    }

    Path netns(String namespace) {
        return Path.of("/run/netns", name + namespace);
    }

    /** Executes the plugin as a runtime does, for the sandbox and the pod of that name. */
    Outcome plugin(String verb, String container, String pod, String version, String previous) {
        String config = "{\"cniVersion\":\"" + version + "\",\"name\":\"terway\",\"type\":\"terway\""
                + (previous.isEmpty() ? "" : ",\"prevResult\":" + previous) + "}";
        return plugin(verb, container, pod, config);
    }

    /** Likewise, with a configuration as it stands. */
    Outcome plugin(String verb, String container, String pod, String config) {
        return call(new ProcessBuilder("../cni/target/terway"), verb, container, pod, config);
    }

    /** Likewise, told more by its environment. */
    Outcome plugin(Map<String, String> environment, String verb, String container, String pod) {
        ProcessBuilder builder = new ProcessBuilder("../cni/target/terway");
        builder.environment().putAll(environment);
        return call(
                builder, verb, container, pod, "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"type\":\"terway\"}");
    }

    /** Sends a frame as the plugin does; true when the agent did what it asks for. */
    boolean frame(byte[] body) {
        try (SocketChannel agent = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("run/cni.sock")))) {
            agent.write(ByteBuffer.allocate(4 + body.length)
                    .putInt(body.length)
                    .put(body)
                    .flip());
            ByteBuffer reply = ByteBuffer.allocate(8);
            while (reply.hasRemaining() && agent.read(reply) >= 0) {
                continue; // length and exit code; what it prints is of no interest
            }
            return reply.getInt(4) == 0;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Executes another plugin on the node. */
    Outcome foreign(Path plugin, String verb, String container, String pod, String config) {
        return call(
                new ProcessBuilder("ip", "netns", "exec", name + "node", plugin.toString()),
                verb,
                container,
                pod,
                config);
    }

    private Outcome call(ProcessBuilder builder, String verb, String container, String pod, String config) {
        builder.environment()
                .putAll(Map.of(
                        "CNI_COMMAND",
                        verb,
                        "CNI_CONTAINERID",
                        container,
                        "CNI_NETNS",
                        netns(pod).toString(),
                        "CNI_IFNAME",
                        "eth0",
                        "CNI_PATH",
                        "/opt/cni/bin",
                        "CNI_ARGS",
                        "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=" + pod + ";K8S_POD_UID=uid-" + pod));
        builder.environment().putAll(pluginEnvironment());
        return run(builder, config);
    }

    /** A command in one of the namespaces. */
    Outcome in(String namespace, String command) {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", name + namespace));
        words.addAll(Arrays.asList(command.split(" ")));
        return run(new ProcessBuilder(words), "");
    }

    /** Commands in one of the namespaces, by a shell. */
    Outcome shell(String namespace, String commands) {
        return run(new ProcessBuilder("ip", "netns", "exec", name + namespace, "sh", "-c", commands), "");
    }

    /** A command beside the node's. */
    Outcome run(String... command) {
        return run(new ProcessBuilder(command), "");
    }

    /**
     * A container runtime in the node's namespace, but with the machine's mounts and cgroups, which it needs. What it
     * executes as plugin finds our agent.
     */
    ProcessBuilder runtime(String... command) {
        List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + netns("node")));
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(pluginEnvironment());
        return builder;
    }

    Map<String, String> pluginEnvironment() {
        return Map.of(
                "TERWAY_CNI_SOCKET",
                directory.resolve("run/cni.sock").toString(),
                "TERWAY_CNI_SPOOL",
                directory.resolve("state/spool").toString());
    }

    static Outcome run(ProcessBuilder builder, String input) {
        try {
            Process process = builder.redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(builder.command() + ": " + e, e);
        }
    }

    private Process inNode(String log, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", name + "node"));
        Path booted = directory.resolve("boot_id");
        if (Files.exists(booted)) { // in the mounts of this process alone
            words.addAll(List.of("sh", "-c", "mount --bind " + booted + " " + BOOT_ID + " && exec \"$@\"", "sh"));
        }
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve(log + ".log").toFile()));
        builder.environment()
                .putAll(Map.of(
                        "TERWAY_NODE_NAME", "node-1",
                        "TERWAY_STATE_DIR", directory.resolve("state").toString(),
                        "TERWAY_RUN_DIR", directory.resolve("run").toString(),
                        "TERWAY_METADATA", "http://127.0.0.1:1",
                        "TERWAY_CNI_BIN_DIR", directory.resolve("bin").toString(),
                        "TERWAY_CNI_CONF_DIR", directory.resolve("net.d").toString(),
                        "TERWAY_ACCELERATION", Boolean.toString(options.acceleration()),
                        "KUBECONFIG", directory.resolve("kubeconfig").toString()));
        return builder.start();
    }

    /** What a process printed so far. */
    String read(String log) {
        return readFile(log + ".log");
    }

    private String readFile(String name) {
        try {
            return Files.readString(directory.resolve(name));
        } catch (IOException e) {
            return "";
        }
    }

    /** Waits until it holds; fails with the agent's log. */
    void await(String what, BooleanSupplier condition) throws InterruptedException {
        await(what, 60, condition);
    }

    void await(String what, int seconds, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("still not: " + what + "\n" + read("ipam") + read("agent"));
            }
            TimeUnit.MILLISECONDS.sleep(20); // a poll of another process, bounded by the deadline above
        }
    }

    /** Waits until the same is found again; fails with the difference. */
    <T> void awaitEqual(String what, T expected, Supplier<T> found) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        T now = found.get();
        while (!now.equals(expected) && System.nanoTime() < end) {
            now = found.get();
        }
        Assertions.assertEquals(expected, now, what);
    }

    private void namespace(String suffix) {
        ip("netns add %s%s", name, suffix);
        namespaces.add(name + suffix);
    }

    private static void ip(String command, Object... values) {
        String line = "ip " + String.format(command, values);
        Outcome outcome = run(new ProcessBuilder(line.split(" ")), "");
        if (outcome.exit() != 0) {
            throw new AssertionError(line + ": " + outcome.output());
        }
    }

    @Override
    public void close() {
        for (Process process : List.of(agent, ipam)) {
            process.destroyForcibly().onExit().join();
        }
        namespaces.forEach(n -> run(new ProcessBuilder("ip", "netns", "del", n), ""));
    }
}
