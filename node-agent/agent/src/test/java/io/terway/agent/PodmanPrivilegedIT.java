package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers that podman makes by its CNI backend, in a list of ours, portmap and tuning. */
@Timeout(300)
class PodmanPrivilegedIT {

    private static final String NODE = "10.0.0.10";
    private static final String SLEEP = "100000";

    @TempDir
    static Path directory;

    private static NodeLab lab;
    private static Podman podman;
    private static Map<String, List<String>> before;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        if (!Podman.missing().isEmpty()) {
            Assumptions.abort("package: needs " + Podman.missing());
        }
        lab = new NodeLab(directory, new NodeLab.Options(1, "ipv4", false));
        lab.in("node", "ip addr add " + NODE + "/32 dev lo");
        lab.in("vpc", "ip route add " + NODE + "/32 dev eni");
        podman = new Podman(lab, directory.resolve("podman"));
        podman.run("p0", List.of("-p", "30000:8080"), "/bin/sleep", SLEEP);
        podman.succeeds("rm", "-f", "-t", "0", "p0"); // tables of portmap and of the ENI stay
        requireNoLinkOfPods();
        before = NodeTraces.of(lab);
    }

    @AfterAll
    static void stop() {
        if (podman != null) {
            podman.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    private static void requireNoLinkOfPods() throws InterruptedException {
        lab.await(
                "no link of a pod",
                () -> lab.in("node", "ip -o link").output().lines().count() == 2);
    }

    private static void requireNothingLeft() throws InterruptedException {
        lab.await("an empty spool", () -> lab.path("state/spool").toFile().list().length == 0);
        requireNoLinkOfPods();
        assertEquals(before, NodeTraces.of(lab));
    }

    private static void requirePackets(String address) {
        lab.in("vpc", "ip neigh replace " + address + " lladdr 00:16:3e:00:00:0a dev eni");
        NodeLab.Outcome ping = lab.in("vpc", "ping -c 3 -W 5 " + address);
        assertEquals(0, ping.exit(), ping.output());
    }

    @Test
    void aContainerHasAnAddressPacketsAndItsPublishedPortAndLeavesNothing() throws Exception {
        podman.run("p1", List.of("-p", "30001:8080"), "/bin/httpd", "-f", "-p", "8080", "-h", "/etc");
        podman.run("p2", List.of(), "/bin/sleep", SLEEP);
        String address = podman.address("p1");
        assertTrue(address.startsWith("10.0.64."), address);
        requirePackets(address);
        podman.succeeds("exec", "p1", "/bin/ping", "-c", "3", NodeLab.GATEWAY);
        podman.succeeds("exec", "p1", "/bin/ping", "-c", "3", podman.address("p2"));
        NodeLab.Outcome asked = lab.in("vpc", "curl -s -m 20 -o /dev/null -w %{http_code} http://" + NODE + ":30001/");
        assertEquals("404", asked.output(), "an answer of the container's server");
        assertEquals("1", podman.succeeds("exec", "p1", "/bin/cat", "/proc/sys/net/ipv4/conf/all/log_martians"));
        podman.succeeds("rm", "-f", "-t", "0", "p1", "p2");
        requireNothingLeft();
    }

    @Test
    void aContainerThatIsRemovedWhileTheAgentIsDownIsFreedByTheNextAgent() throws Exception {
        podman.run("p3", List.of(), "/bin/sleep", SLEEP);
        podman.run("p4", List.of(), "/bin/sleep", SLEEP);
        String address = podman.address("p3");
        lab.killAgent();
        requirePackets(address);
        podman.succeeds("rm", "-f", "-t", "0", "p4");
        NodeLab.Outcome refused = podman.call(
                "run",
                "--rm",
                "--name",
                "p5",
                "--network",
                "terway",
                "--pull",
                "never",
                BusyboxImage.NAME,
                "/bin/true");
        assertTrue(refused.output().contains("terway"), refused.output());
        lab.startAgent();
        requirePackets(address);
        podman.run("p6", List.of(), "/bin/sleep", SLEEP);
        assertTrue(!podman.address("p6").equals(address), "held by p3");
        podman.succeeds("rm", "-f", "-t", "0", "p3", "p6");
        requireNothingLeft();
    }

    @Test
    void aContainerThatEndsByItselfIsCleanedUpByPodman() throws Exception {
        podman.run("p7", List.of("--rm"), "/bin/true");
        lab.await(
                "podman removes it",
                () -> podman.call("container", "exists", "p7").exit() != 0);
        requireNothingLeft();
    }

    @Test
    void aContainerThatDiedWithItsMonitorIsRemovedWithoutATrace() throws Exception {
        podman.run("p8", List.of(), "/bin/sleep", SLEEP);
        int monitor = podman.monitorId("p8");
        int process = podman.processId("p8");
        ProcessHandle.of(monitor).orElseThrow().destroyForcibly();
        ProcessHandle.of(process).orElseThrow().destroyForcibly();
        lab.await(
                "podman removes what it believed to run",
                () -> podman.call("rm", "-f", "-t", "0", "p8").exit() == 0);
        requireNothingLeft();
    }
}
