package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.agent.denial.Names;
import io.terway.agent.flow.FlowLimits;
import io.terway.agent.flow.FlowLog;
import io.terway.agent.pods.PodNamespace;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Judge;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accepted connections, by what the kernel tracks. */
class FlowLogPrivilegedIT {

    private static final Ip CLIENT = Ip.parse("10.0.0.1");
    private static final Ip SERVER = Ip.parse("10.0.0.2");
    private static final Ip OTHER = Ip.parse("10.0.0.3");
    private static final PodLife POD = new PodLife(new PodRef("shop", "server"), "u");

    /** Something must ask for connection tracking, as our tables do. */
    private static final String TRACK =
            "nft add table inet t; nft add chain inet t c '{ type filter hook postrouting priority 0; }';"
                    + " nft add rule inet t c ct state established accept; nft add rule inet t c tcp dport 81 drop";

    private static final Ip OTHERS = Ip.parse("10.0.0.99");

    private final PacketLab lab = new PacketLab(3);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<FlowLog> logs = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() {
        PacketLab.script(lab.node, TRACK);
        lab.listen(80, 81);
    }

    @AfterEach
    void leaveNothing() {
        logs.forEach(FlowLog::close);
        lab.close();
    }

    private Path start(String name, List<PodNamespace> inside, FlowLimits limits) {
        FlowLog log = new FlowLog(
                new NodeName("node-1"),
                new FlowLog.Sources(
                        lab.node,
                        () -> inside,
                        ip -> ip.equals(SERVER) ? Optional.of(POD) : Optional.empty(),
                        () -> new Judge(NodePolicy.NONE)),
                new Names(
                        ip -> ip.equals(SERVER) ? Optional.of(POD) : Optional.empty(),
                        _ -> Optional.of(Map.of(CLIENT, new Names.Holder.OfNode("node-2"))),
                        InstantSource.system()),
                limits,
                directory.resolve(name),
                registry);
        logs.add(log);
        log.start();
        return directory.resolve(name).resolve("flows.jsonl");
    }

    private static List<JsonNode> lines(Path file) {
        try {
            List<JsonNode> lines = new ArrayList<>();
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    lines.add(new ObjectMapper().readTree(line));
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connect(Ip from, Ip to, int port, boolean passes) {
        var attempt = new PacketLab.Attempt(from, to, Transport.TCP, port);
        assertEquals(passes ? Set.of(attempt) : Set.of(), lab.passing(List.of(attempt), _ -> passes));
    }

    @Test
    void anAcceptedConnectionOfAPodIsALineAndADroppedOneOrAnothersIsNot() {
        Path file = start("all", List.of(), new FlowLimits(1, 1_000, 1 << 20, 1));

        assertTrue(PacketLab.await(() -> {
            connect(CLIENT, OTHER, 80, true);
            connect(CLIENT, SERVER, 81, false);
            connect(CLIENT, SERVER, 80, true);
            return !lines(file).isEmpty();
        }));

        for (JsonNode line : lines(file)) {
            assertEquals("flow", line.path("event").asText());
            assertEquals("node-1", line.path("node").asText());
            assertEquals(6, line.path("protocol").asInt());
            assertEquals("10.0.0.1", line.path("from").path("ip").asText());
            assertTrue(line.path("from").path("port").asInt() > 0, line.toString());
            assertEquals("node-2", line.path("from").path("node").asText());
            assertEquals("10.0.0.2", line.path("to").path("ip").asText());
            assertEquals("shop/server", line.path("to").path("pod").asText());
            assertEquals(80, line.path("to").path("port").asInt(), "a dropped packet opens nothing");
        }
    }

    @Test
    void aConnectionToAServiceNamesItAndThePodThatGotIt() {
        PacketLab.script(
                lab.node,
                "nft add table ip svc; nft 'add chain ip svc pre { type nat hook prerouting priority -100; }';"
                        + " nft add rule ip svc pre ip daddr 172.16.0.1 dnat to 10.0.0.2");
        Path file = start("services", List.of(), new FlowLimits(1, 1_000, 1 << 20, 1));

        assertTrue(PacketLab.await(() -> {
            connect(CLIENT, Ip.parse("172.16.0.1"), 80, true);
            return !lines(file).isEmpty();
        }));

        assertEquals("172.16.0.1", lines(file).getFirst().path("service").asText());
        assertEquals(
                "shop/server", lines(file).getFirst().path("to").path("pod").asText());
    }

    @Test
    void theKernelDrawsTheSample() {
        Path all = start("all", List.of(), new FlowLimits(1, 10_000, 1 << 20, 1));
        Path few = start("few", List.of(), new FlowLimits(1_000_000, 10_000, 1 << 20, 1));

        assertTrue(PacketLab.await(() -> {
            connect(CLIENT, SERVER, 80, true);
            return lines(all).size() >= 5;
        }));

        assertEquals(List.of(), lines(few));
    }

    @Test
    void whatIsTooMuchInASecondIsCounted() {
        Path file = start("some", List.of(), new FlowLimits(1, 2, 1 << 20, 1));
        List<PacketLab.Attempt> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.add(new PacketLab.Attempt(CLIENT, SERVER, Transport.UDP, 80));
        }

        assertTrue(PacketLab.await(() -> {
            lab.passing(many, _ -> true);
            return !lines(file).isEmpty()
                    && registry.get("terway_flow_log_lost").counter().count() > 0;
        }));
    }

    @Test
    void aPodWithALinkOfItsOwnTellsFromInside() {
        PacketLab.script(lab.node, "nft delete table inet t");
        PacketLab.script(lab.namespace(SERVER), TRACK);
        FlowLimits limits = new FlowLimits(1, 1_000, 1 << 20, 1);
        Path file = start("inside", List.of(new PodNamespace(lab.namespace(SERVER), Set.of(SERVER))), limits);
        Path forged = start("forged", List.of(new PodNamespace(lab.namespace(SERVER), Set.of(OTHERS))), limits);

        assertTrue(PacketLab.await(() -> {
            connect(CLIENT, SERVER, 80, true);
            return !lines(file).isEmpty();
        }));
        assertEquals(List.of(), lines(forged), "not about the pod whose namespace it is");
    }
}
