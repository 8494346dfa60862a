package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.Cri.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods that kubelet's runtime makes: containerd by its CRI, with the list and the plugin that our agent installed. */
@Timeout(300)
class ContainerdPrivilegedIT {

    private static final String NODE = "10.0.0.10";

    @TempDir
    static Path directory;

    private static NodeLab lab;
    private static Containerd containerd;
    private static Map<String, List<String>> before;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        if (!Containerd.missing().isEmpty()) {
            Assumptions.abort("package: needs " + Containerd.missing());
        }
        Path plugins = Files.createDirectories(directory.resolve("bin"));
        for (String plugin : List.of("loopback", "portmap")) {
            Files.createSymbolicLink(plugins.resolve(plugin), Path.of("/usr/lib/cni", plugin));
        }
        lab = new NodeLab(directory, new NodeLab.Options(1, "ipv4", false));
        lab.in("node", "ip addr add " + NODE + "/32 dev lo");
        lab.in("vpc", "ip route add " + NODE + "/32 dev eni");
        lab.await("the list", () -> Files.exists(lab.path("net.d/10-terway.conflist")));
        containerd = new Containerd(lab, directory.resolve("containerd"));
        Sandbox first = new Sandbox("p0", "uid-p0", 30000);
        end(containerd.cri().run(first)); // tables of portmap and of the ENI stay
        requireNoLinkOfPods();
        before = NodeTraces.of(lab);
    }

    @AfterAll
    static void stop() {
        if (containerd != null) {
            containerd.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    private static void end(String sandbox) {
        containerd.cri().stop(sandbox);
        containerd.cri().remove(sandbox);
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

    /** The VPC knows which ENI has an address; this model of it is told. */
    private static void route(String address) {
        lab.in("vpc", "ip neigh replace " + address + " lladdr 00:16:3e:00:00:0a dev eni");
    }

    private static void requirePackets(String address) {
        NodeLab.Outcome ping = lab.in("vpc", "ping -c 3 -W 5 " + address);
        assertEquals(0, ping.exit(), ping.output());
    }

    @Test
    void aPodHasAnAddressPacketsAndItsHostPortAndLeavesNothing() throws Exception {
        Cri cri = containerd.cri();
        Sandbox pod = new Sandbox("p1", "uid-p1", 30001);
        String sandbox = cri.run(pod);
        String address = cri.address(sandbox);
        assertTrue(address.startsWith("10.0.64."), address);
        route(address);
        String container = cri.start(sandbox, pod, "web", "/bin/httpd", "-f", "-p", "8080", "-h", "/etc");
        Cri.Exec ping = cri.exec(container, "/bin/ping", "-c", "3", NodeLab.GATEWAY);
        assertEquals(0, ping.exit(), ping.output());
        requirePackets(address);
        NodeLab.Outcome asked = lab.in("vpc", "curl -s -m 20 -o /dev/null -w %{http_code} http://" + NODE + ":30001/");
        assertEquals("404", asked.output(), "an answer of the pod's server");

        Sandbox other = new Sandbox("p2", "uid-p2", 0);
        String neighbour = cri.run(other);
        Cri.Exec across = cri.exec(container, "/bin/ping", "-c", "3", cri.address(neighbour));
        assertEquals(0, across.exit(), across.output());
        end(neighbour);
        end(sandbox);
        requireNothingLeft();
    }

    @Test
    void aPodThatEndsWhileTheAgentIsDownIsFreedByTheNextAgent() throws Exception {
        Cri cri = containerd.cri();
        String kept = cri.run(new Sandbox("p3", "uid-p3", 0));
        String ended = cri.run(new Sandbox("p4", "uid-p4", 0));
        String address = cri.address(kept);
        route(address);
        lab.killAgent();
        requirePackets(address);
        end(ended);
        lab.startAgent();
        requirePackets(address);
        String next = cri.run(new Sandbox("p5", "uid-p5", 0));
        assertTrue(!cri.address(next).equals(address), "held by p3");
        end(next);
        end(kept);
        requireNothingLeft();
    }

    @Test
    void containerdFindsItsPodsAgainAndCollectsThoseThatDiedMeanwhile() throws Exception {
        String alive = containerd.cri().run(new Sandbox("p6", "uid-p6", 0));
        String dies = containerd.cri().run(new Sandbox("p7", "uid-p7", 0));
        String address = containerd.cri().address(alive);
        route(address);
        containerd.kill();
        containerd.killShim(dies);
        requirePackets(address);
        containerd.start();
        Cri cri = containerd.cri();
        assertTrue(cri.isReady(alive));
        assertEquals(address, cri.address(alive));
        requirePackets(address);
        lab.await("containerd misses the dead pod", () -> !cri.isReady(dies));
        end(dies);
        end(alive);
        requireNothingLeft();
    }
}
