package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.agent.ledger.BootClock;
import io.terway.cni.Frames;
import io.terway.linux.netns.NetnsThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plugins we did not write, chained after ours as a runtime does, with packets: every version that they speak. */
@Timeout(180)
class ChainPrivilegedIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PLUGINS = Path.of("/usr/lib/cni");
    private static final String NODE = "10.0.0.10";

    @TempDir
    static Path directory;

    private static NodeLab lab;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        if (!Files.isExecutable(PLUGINS.resolve("portmap"))) {
            Assumptions.abort("package: needs containernetworking-plugins");
        }
        lab = new NodeLab(directory);
        command("node", "ip addr add " + NODE + "/32 dev lo");
        command("vpc", "ip route add " + NODE + "/32 dev eni");
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
        }
    }

    private static String command(String namespace, String line) {
        NodeLab.Outcome outcome = lab.in(namespace, line);
        assertEquals(0, outcome.exit(), line + ": " + outcome.output());
        return outcome.output();
    }

    @ParameterizedTest
    @CsvSource({"0.3.0, 1", "0.3.1, 2", "0.4.0, 3", "1.0.0, 4"})
    void aHostPortLeadsToThePodThroughTheWholeChain(String version, int number) throws Exception {
        String pod = "p" + number;
        String container = "chained" + number;
        int hostPort = 30000 + number;
        lab.pod(pod);
        NodeLab.Outcome ours = lab.plugin("ADD", container, pod, version, "");
        assertEquals(0, ours.exit(), () -> ours.output() + lab.read("agent"));
        ObjectNode result = (ObjectNode) JSON.readTree(ours.output());
        Chained call = new Chained(container, pod, version, hostPort);
        for (String plugin : call.plugins()) {
            result = (ObjectNode) JSON.readTree(call.succeeds("ADD", plugin, result));
        }
        assertEquals(JSON.readTree(ours.output()).path("ips"), result.path("ips"));

        String address = result.at("/ips/0/address").asText().replace("/32", "");
        command("vpc", "ip neigh replace " + address + " lladdr 00:16:3e:00:00:0a dev eni");
        try (ServerSocket _ = serve(pod)) {
            assertEquals("from " + pod, ask(hostPort));
        }
        assertTrue(command("node", "tc qdisc show").contains("tbf"), "bandwidth shapes the pod's link");
        assertEquals(
                "1", command(pod, "sysctl -n net.ipv4.conf.all.log_martians").strip());
        if (!version.startsWith("0.3")) {
            NodeLab.Outcome check = lab.plugin("CHECK", container, pod, version, JSON.writeValueAsString(result));
            assertEquals(new NodeLab.Outcome(0, ""), check);
        }
        for (String plugin : call.plugins().reversed()) {
            call.succeeds("DEL", plugin, result);
        }
        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("DEL", container, pod, version, ""));
        lab.await(
                "the pod's link is gone",
                () -> !lab.in("node", "ip link").output().contains("cali"));
    }

    /**
     * cilium-cni cannot run without its agent, so what its chaining mode (generic-veth) does before it asks the agent is done
     * here: it takes the first veth inside the pod, its MAC, its first address, and the link of the host that is its peer by
     * index. Its agent then puts programs on that link.
     */
    @Test
    void whatCiliumCniLooksForAfterUsIsThereAndItsProgramsStay() throws Exception {
        lab.pod("p5");
        NodeLab.Outcome ours = lab.plugin("ADD", "chained5", "p5", "1.0.0", "");
        assertEquals(0, ours.exit(), ours::output);
        JsonNode result = JSON.readTree(ours.output());

        JsonNode veth = StreamSupport.stream(
                        JSON.readTree(command("p5", "ip -j -d link")).spliterator(), false)
                .filter(link -> link.at("/linkinfo/info_kind").asText().equals("veth"))
                .findFirst()
                .orElseThrow();
        assertEquals("eth0", veth.path("ifname").asText());
        assertEquals(result.at("/interfaces/1/mac"), veth.path("address"));
        assertEquals(
                result.at("/ips/0/address").asText(),
                JSON.readTree(command("p5", "ip -j -4 addr show eth0"))
                                .at("/0/addr_info/0/local")
                                .asText() + "/32");
        JsonNode peer = StreamSupport.stream(
                        JSON.readTree(command("node", "ip -j link")).spliterator(), false)
                .filter(link -> link.path("ifindex").equals(veth.path("link_index")))
                .findFirst()
                .orElseThrow();
        assertEquals(result.at("/interfaces/0/name"), peer.path("ifname"));
        assertEquals(result.at("/interfaces/0/mac"), peer.path("address"));

        String link = peer.path("ifname").asText();
        command("node", "tc qdisc add dev " + link + " clsact");
        command("node", "tc filter add dev " + link + " ingress u32 match u32 0 0 flowid 1:1");
        command("node", "ip link set " + link + " mtu 1400");
        lab.await(
                "the repair",
                () -> lab.plugin("CHECK", "chained5", "p5", "1.0.0", ours.output())
                                .exit()
                        == 0);
        assertTrue(command("node", "tc filter show dev " + link + " ingress").contains("u32"));
        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("DEL", "chained5", "p5", "1.0.0", ours.output()));
    }

    /**
     * What a runtime's library does when it collects: of what it has kept it deletes what is not valid any more, then it tells
     * every plugin what is. No runtime of Debian 12 says GC (containerd 1.6, podman 4.3).
     */
    @Test
    void aRuntimesGcEndsWhatItHasForgotten() throws Exception {
        Duration now = BootClock.open().now().sinceBoot();
        Assumptions.assumeTrue(now.toMinutes() > 3, "clock: the machine was booted less than three minutes ago");
        for (String pod : List.of("p6", "p7", "p8", "p9")) {
            lab.pod(pod);
        }
        NodeLab.Outcome kept = lab.plugin("ADD", "kept", "p6", "1.1.0", "");
        NodeLab.Outcome stale = lab.plugin("ADD", "stale", "p7", "1.1.0", "");
        NodeLab.Outcome young = lab.plugin("ADD", "young", "p9", "1.1.0", "");
        assertTrue(kept.exit() + stale.exit() + young.exit() == 0, kept.output() + stale.output() + young.output());
        // One of three minutes ago, of which the runtime has lost everything since.
        lab.await(
                "ADD of lost",
                () -> lab.frame(Frames.call("ADD", "lost", "p8", lab.netns("p8"), now.minusMinutes(3), Frames.CONFIG)));
        lab.podGone("p8");
        lab.podGone("p9");

        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("DEL", "stale", "p7", "1.1.0", stale.output()));
        String valid =
                "{\"cniVersion\":\"1.1.0\",\"name\":\"terway\",\"type\":\"terway\",\"cni.dev/valid-attachments\":"
                        + "[{\"containerID\":\"kept\",\"ifname\":\"eth0\"}]}";
        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("GC", "kept", "p6", valid));

        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("CHECK", "kept", "p6", "1.1.0", kept.output()));
        String shown = lab.metrics();
        assertTrue(shown.contains("terway_ip_pool_allocated{node=\"node-1\"} 2.0"), "a young one stays: " + shown);
        for (String container : List.of("kept", "young")) {
            assertEquals(
                    0,
                    lab.plugin("DEL", container, container.equals("kept") ? "p6" : "p9", "1.1.0", "")
                            .exit());
        }
        lab.await("no link of a pod", () -> !lab.in("node", "ip link").output().contains("cali"));
    }

    private static ServerSocket serve(String pod) {
        ServerSocket server = in(pod, () -> new ServerSocket(8080));
        Thread.ofVirtual().start(() -> {
            try (Socket accepted = server.accept()) {
                accepted.getOutputStream().write(("from " + pod).getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) { // closed: the asker says what it missed
            }
        });
        return server;
    }

    /** From the VPC, to the node's own address. */
    private static String ask(int hostPort) throws IOException {
        try (Socket socket = in("vpc", SocketChannel::open).socket()) { // a channel has its socket at once
            socket.connect(new InetSocketAddress(NODE, hostPort), 20_000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Something that opens. */
    private interface Opening<T> {
        T open() throws IOException;
    }

    private static <T> T in(String namespace, Opening<T> opening) {
        return NetnsThread.call(lab.netns(namespace), () -> {
            try {
                return opening.open();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Calls of other plugins, with the result of the one before. */
    private record Chained(String container, String pod, String version, int hostPort) {

        /** firewall speaks 0.4.0 and later. */
        List<String> plugins() {
            return version.startsWith("0.3")
                    ? List.of("portmap", "bandwidth", "tuning")
                    : List.of("portmap", "bandwidth", "firewall", "tuning");
        }

        String succeeds(String verb, String plugin, JsonNode previous) throws IOException {
            ObjectNode conf = JSON.createObjectNode()
                    .put("cniVersion", version)
                    .put("name", "terway")
                    .put("type", plugin);
            conf.set("prevResult", previous);
            switch (plugin) {
                case "portmap" ->
                    conf.putObject("runtimeConfig")
                            .putArray("portMappings")
                            .addObject()
                            .put("hostPort", hostPort)
                            .put("containerPort", 8080)
                            .put("protocol", "tcp");
                case "bandwidth" ->
                    conf.putObject("runtimeConfig")
                            .putObject("bandwidth")
                            .put("ingressRate", 100_000_000)
                            .put("ingressBurst", 10_000_000);
                case "tuning" -> conf.putObject("sysctl").put("net.ipv4.conf.all.log_martians", "1");
                case "firewall" -> conf.put("backend", "iptables");
                default -> throw new IllegalArgumentException(plugin);
            }
            NodeLab.Outcome outcome = lab.foreign(
                    ChainPrivilegedIT.PLUGINS.resolve(plugin), verb, container, pod, JSON.writeValueAsString(conf));
            assertEquals(0, outcome.exit(), plugin + " " + verb + ": " + outcome.output());
            return outcome.output();
        }
    }
}
