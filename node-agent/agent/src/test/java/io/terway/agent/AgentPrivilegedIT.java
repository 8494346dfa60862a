package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged agent and the real plugin, in a node of its own, with packets. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AgentPrivilegedIT {

    private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([0-9.]+)/32\"");

    @TempDir
    static Path directory;

    private static NodeLab lab;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        lab = new NodeLab(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    private static String address(NodeLab.Outcome add) {
        Matcher matcher = ADDRESS.matcher(add.output());
        assertTrue(add.exit() == 0 && matcher.find(), () -> add.output() + lab.read("agent"));
        return matcher.group(1);
    }

    private static NodeLab.Outcome call(String verb, String container, String pod) {
        return lab.plugin(verb, container, pod, "1.0.0", "");
    }

    private static void assertNothingLeft(String address) throws InterruptedException {
        lab.await(
                "rules and links of " + address + " are gone",
                () -> !lab.in("node", "ip rule").output().contains(address)
                        && !lab.in("node", "ip route").output().contains(address)
                        && !lab.in("node", "ip link").output().contains("cali"));
    }

    @Test
    @Order(1)
    void connectsChecksAndRemovesAPod() throws Exception {
        lab.pod("p0");
        NodeLab.Outcome add = call("ADD", "c0", "p0");
        String address = address(add);
        assertEquals(add, call("ADD", "c0", "p0"));
        assertTrue(lab.in("p0", "ip -4 addr show eth0").output().contains(address + "/32"));
        NodeLab.Outcome ping = lab.in("p0", "ping -c 1 -W 5 " + NodeLab.GATEWAY);
        lab.in("vpc", "ip neigh replace " + address + " lladdr 00:16:3e:00:00:0a dev eni");
        ping = ping.exit() == 0 ? ping : lab.in("p0", "ping -c 3 -W 5 " + NodeLab.GATEWAY);
        assertEquals(0, ping.exit(), ping.output());
        NodeLab.Outcome check = lab.plugin("CHECK", "c0", "p0", "1.0.0", add.output());
        assertEquals(new NodeLab.Outcome(0, ""), check);
        NodeLab.Outcome differs =
                lab.plugin("CHECK", "c0", "p0", "1.0.0", add.output().replace(address, "10.9.9.9"));
        assertTrue(differs.output().contains("\"code\":100"), differs.output());
        assertEquals(new NodeLab.Outcome(0, ""), call("DEL", "c0", "p0"));
        assertEquals(new NodeLab.Outcome(0, ""), call("DEL", "c0", "p0"));
        assertNothingLeft(address);
    }

    @Test
    @Order(2)
    void installsPluginAndConfiguration() throws Exception {
        lab.await("the configuration", () -> Files.exists(lab.path("net.d/10-terway.conflist")));
        assertEquals(-1, Files.mismatch(Path.of("../cni/target/terway"), lab.path("bin/terway")));
        Files.delete(lab.path("net.d/10-terway.conflist"));
        Files.writeString(lab.path("bin/terway"), "changed");
        lab.await("the configuration again", () -> Files.exists(lab.path("net.d/10-terway.conflist")));
        assertEquals(-1, Files.mismatch(Path.of("../cni/target/terway"), lab.path("bin/terway")));
    }

    @Test
    @Order(3)
    void killedWithinABurstLosesAndDoublesNothing() throws Exception {
        int pods = 8;
        List<Future<NodeLab.Outcome>> adds = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < pods; i++) {
                String pod = "p" + (10 + i);
                lab.pod(pod);
                adds.add(threads.submit(() -> call("ADD", "c-" + pod, pod)));
                if (i == pods - 2) {
                    lab.killAgent();
                }
            }
        }
        lab.startAgent();
        Set<String> addresses = new HashSet<>();
        for (int i = 0; i < pods; i++) {
            String pod = "p" + (10 + i);
            String again = address(call("ADD", "c-" + pod, pod));
            NodeLab.Outcome first = adds.get(i).get();
            if (first.exit() == 0) {
                assertEquals(address(first), again);
            }
            addresses.add(again);
        }
        assertEquals(pods, addresses.size());
        for (int i = 0; i < pods; i++) {
            String pod = "p" + (10 + i);
            assertEquals(new NodeLab.Outcome(0, ""), call("DEL", "c-" + pod, pod));
        }
        for (String address : addresses) {
            assertNothingLeft(address);
        }
    }

    @Test
    @Order(4)
    void replaysDelsThatWereParkedWhileItWasDown() throws Exception {
        lab.pod("p30");
        String address = address(call("ADD", "c30", "p30"));
        lab.killAgent();
        NodeLab.Outcome refused = call("ADD", "c31", "p30");
        assertTrue(refused.output().contains("\"code\":11"), refused.output());
        assertEquals(new NodeLab.Outcome(0, ""), call("DEL", "c30", "p30"));
        lab.startAgent();
        assertNothingLeft(address);
        lab.await("an empty spool", () -> {
            String[] files = lab.path("state/spool").toFile().list();
            return files != null && files.length == 0;
        });
        assertFalse(lab.read("agent").contains("cannot be replayed"));
    }
}
