package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.NetnsThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Host ports without portmap, by the packaged agent and the real plugin: from the runtime's word to the packet. */
@Timeout(180)
class HostPortPrivilegedIT {

    private static final String NODE = "10.0.0.10";

    @TempDir
    static Path directory;

    private static NodeLab lab;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        lab = new NodeLab(directory, new NodeLab.Options(1, "ipv4", false, IpamModelMain.Kind.OWN_HOST_PORTS));
        command("node", "ip addr add " + NODE + "/32 dev lo");
        command("vpc", "ip route add " + NODE + "/32 dev eni");
        for (String pod : new String[] {"p1", "p2", "p3", "p4", "p5", "p6"}) {
            lab.pod(pod);
        }
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

    private static NodeLab.Outcome add(String container, String pod, String mappings) {
        return lab.plugin(
                "ADD",
                container,
                pod,
                "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"type\":\"terway\",\"runtimeConfig\":{\"portMappings\":"
                        + mappings + "}}");
    }

    private static String mapping(int hostPort) {
        return "[{\"hostPort\":" + hostPort + ",\"containerPort\":8080,\"protocol\":\"tcp\"}]";
    }

    @Test
    void aPortLeadsToThePodIsItsAloneIsMendedOutlivesTheAgentAndGoesWithThePod() throws Exception {
        NodeLab.Outcome added = add("c1", "p1", mapping(30001));
        assertEquals(0, added.exit(), () -> added.output() + lab.read("agent"));
        resolve(added, "p1");
        reaches("p1", 30001);

        NodeLab.Outcome second = add("c2", "p2", mapping(30001));
        assertEquals(1, second.exit());
        assertTrue(
                second.output().contains("hostPort 30001/TCP of this node leads to pod default/p1")
                        && second.output().contains("\"code\":11"),
                second.output());
        assertEquals(0, lab.plugin("DEL", "c2", "p2", "1.0.0", "").exit());

        command("node", "nft delete table inet terway_hostport");
        lab.await("the table is back", () -> tables().contains("terway_hostport"));
        reaches("p1", 30001);
        lab.killAgent();
        reaches("p1", 30001);
        lab.startAgent();
        reaches("p1", 30001);

        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("DEL", "c1", "p1", "1.0.0", ""));
        assertFalse(tables().contains("terway_hostport"), tables());
        NodeLab.Outcome next = add("c3", "p3", mapping(30001));
        assertEquals(0, next.exit(), next.output());
        resolve(next, "p3");
        reaches("p3", 30001);
        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("DEL", "c3", "p3", "1.0.0", ""));
    }

    /** What came after the copy is known to nobody but the kernel and ipam-service, which refuses the copy. */
    @Test
    void aLedgerOfAnEarlierDayCostsNobodyItsPort() throws Exception {
        NodeLab.Outcome early = add("c4", "p4", mapping(30004));
        assertEquals(0, early.exit(), early.output());
        lab.stopAgent();
        Path copy = lab.path("earlier");
        Files.copy(lab.path("state/ledger"), copy);
        lab.startAgent();
        NodeLab.Outcome late = add("c5", "p5", mapping(30005));
        assertEquals(0, late.exit(), late.output());
        resolve(early, "p4");
        resolve(late, "p5");
        lab.stopAgent();
        long sessions = sessions();
        lab.startAgent();
        lab.await("ipam-service knows", () -> sessions() > sessions);

        lab.killAgent();
        Files.copy(copy, lab.path("state/ledger"), StandardCopyOption.REPLACE_EXISTING);
        lab.startAgent();
        lab.await("the ledger is made anew", () -> lab.read("agent").contains("was made anew with"));

        assertTrue(lab.read("agent").contains("is below"), lab.read("agent"));
        reaches("p4", 30004);
        reaches("p5", 30005);
        for (String number : new String[] {"4", "5"}) {
            assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("DEL", "c" + number, "p" + number, "1.0.0", ""));
        }
        assertFalse(tables().contains("terway_hostport"), tables());
    }

    private static long sessions() {
        return lab.read("agent")
                .lines()
                .filter(line -> line.contains(" with ipam-service at "))
                .count();
    }

    @Test
    void aProcessOfTheNodeThatLosesItsPortIsTold() throws Exception {
        try (ServerSocket _ = in("node", () -> new ServerSocket(30006))) {
            assertEquals(0, add("c6", "p6", mapping(30006)).exit());
        }
        assertTrue(
                lab.read("agent").contains("a process of the node itself listens at TCP port 30006 of every address"),
                lab.read("agent"));
        assertEquals(0, lab.plugin("DEL", "c6", "p6", "1.0.0", "").exit());
    }

    @Test
    void aMappingThatCannotBeIsRefusedByNameAndHoldsNothing() {
        NodeLab.Outcome refused = add("c9", "p2", mapping(70000));

        assertEquals(1, refused.exit());
        assertTrue(
                refused.output().contains("runtimeConfig.portMappings [0]: hostPort 70000 is not in 1..65535")
                        && refused.output().contains("\"code\":7"),
                refused.output());
    }

    private static String tables() {
        return command("node", "nft list tables");
    }

    private static void resolve(NodeLab.Outcome added, String pod) {
        String address = added.output().replaceAll("(?s).*\"address\":\"([0-9.]+)/32\".*", "$1");
        command("vpc", "ip neigh replace " + address + " lladdr 00:16:3e:00:00:0a dev eni");
    }

    private static void reaches(String pod, int port) throws IOException {
        try (ServerSocket server = in(pod, () -> new ServerSocket(8080));
                Socket client = in("vpc", SocketChannel::open).socket()) { // a channel has its socket at once
            client.connect(new InetSocketAddress(NODE, port), 20_000);
            server.setSoTimeout(20_000);
            server.accept().close();
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
}
