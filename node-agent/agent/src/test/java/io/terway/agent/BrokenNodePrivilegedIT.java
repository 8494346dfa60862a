package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged agent on a node that breaks under it: no space, a file system that became read-only, no descriptors. Pods that
 * run go on, DELs succeed, ADDs fail with the code and the reason, and nothing is left once the node is well again.
 */
@Timeout(300)
class BrokenNodePrivilegedIT {

    private static final String NOTHING = "";

    @TempDir
    static Path directory;

    private static NodeLab lab;
    private static Map<String, List<String>> before;

    @BeforeAll
    static void start() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        Files.createDirectories(directory.resolve("state"));
        mount(
                "-t",
                "tmpfs",
                "-o",
                "size=1m",
                "tmpfs",
                directory.resolve("state").toString());
        lab = new NodeLab(directory, new NodeLab.Options(1, "dual", false));
        lab.in("node", "ip addr add 10.0.0.10/32 dev lo");
        for (String pod : List.of("p1", "p2")) {
            lab.pod(pod);
        }
        added("p1");
        deleted("p1"); // what the first pod of a node makes stays
        requireNoLink();
        before = NodeTraces.of(lab);
    }

    @AfterEach
    void theNodeIsAsBefore() throws Exception {
        if (lab != null) {
            Files.deleteIfExists(lab.path("state/filler"));
            deleted("p1");
            deleted("p2");
            requireNoLink();
            lab.awaitEqual("nothing is left", before, () -> NodeTraces.of(lab));
        }
    }

    @AfterAll
    static void stop() {
        if (lab != null) {
            lab.close();
            NodeLab.run(new ProcessBuilder("umount", directory.resolve("state").toString()), "");
        }
    }

    private static void mount(String... arguments) {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments));
        assertEquals(new NodeLab.Outcome(0, NOTHING), NodeLab.run(new ProcessBuilder(command), ""));
    }

    private static void requireNoLink() throws InterruptedException {
        lab.await(
                "no link of a pod",
                () -> lab.in("node", "ip -o link").output().lines().count() == 2);
    }

    /** The address that it got. */
    private static String added(String pod) {
        NodeLab.Outcome added = add(pod);
        assertEquals(0, added.exit(), () -> added.output() + lab.read("agent"));
        return added.output().replaceAll("(?s).*\"address\":\"([0-9.]+)/32\".*", "$1");
    }

    private static NodeLab.Outcome add(String pod) {
        return lab.plugin("ADD", "c-" + pod, pod, "1.0.0", "");
    }

    private static void deleted(String pod) {
        assertEquals(new NodeLab.Outcome(0, NOTHING), lab.plugin("DEL", "c-" + pod, pod, "1.0.0", ""));
    }

    private static void requireRefused(int code, String why) {
        NodeLab.Outcome refused = add("p2");
        assertEquals(1, refused.exit(), refused.output());
        assertTrue(
                refused.output().contains("\"code\":" + code)
                        && refused.output().contains(why),
                refused.output());
    }

    private static void ping(String address) {
        NodeLab.Outcome ping = lab.in("node", "ping -c 1 -W 5 " + address);
        assertEquals(0, ping.exit(), ping.output());
    }

    /** Takes what space there is, but for what can be written without asking for a page more. */
    private static Path fill() throws IOException {
        Path filler = lab.path("state/filler");
        byte[] page = new byte[4096];
        try {
            for (int i = 0; i < 1024; i++) {
                Files.write(filler, page, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException full) {
            return filler;
        }
        throw new AssertionError("1 MiB has no end");
    }

    @Test
    void aFullDiskRefusesAddsAndServesDels() throws Exception {
        String address = added("p1");
        Path filler = fill();
        // The last page of the journal may still have room for some records.
        lab.await("the first refusal", () -> {
            boolean refused = add("p2").exit() != 0;
            deleted("p2");
            return refused;
        });
        requireRefused(5, "No space left on device; free space or repair the disk");
        ping(address);
        deleted("p1");
        lab.killAgent();
        Files.delete(filler);
        lab.startAgent();
        added("p2");
    }

    @Test
    void anAgentThatStartsOnAFullDiskServesDelsAndTakesAddsOnceThereIsRoom() throws Exception {
        added("p1");
        Path filler = fill();
        lab.killAgent();
        lab.startAgent();
        deleted("p1");
        Files.delete(filler);
        lab.await("an ADD", () -> add("p2").exit() == 0);
    }

    /** Where not even the spool can be written, a DEL is not lost: the runtime has it still, and tries again. */
    @Test
    void withoutAgentOnAReadOnlyFileSystemEveryCallIsToBeTriedAgain() throws Exception {
        String address = added("p1");
        lab.killAgent();
        mount("-o", "remount,ro", lab.path("state").toString());
        for (String verb : List.of("ADD", "DEL")) {
            NodeLab.Outcome refused = lab.plugin(verb, "c-p1", "p1", "1.0.0", "");
            assertEquals(1, refused.exit(), verb);
            assertTrue(refused.output().contains("\"code\":11"), refused.output());
        }
        mount("-o", "remount,rw", lab.path("state").toString());
        lab.startAgent();
        ping(address);
    }

    @Test
    void withoutDescriptorsAnAddIsToBeTriedAgainAndTheNextOneWorks() throws Exception {
        String address = added("p1");
        long open = lab.openFiles();
        for (long more = 0; more < 6; more++) {
            assertEquals(0, lab.limitFiles(open + more).exit());
            NodeLab.Outcome outcome = hurried("p2");
            if (outcome.exit() != 0) {
                assertTrue(
                        outcome.output().contains("\"code\":11")
                                || outcome.output().contains("\"code\":5"),
                        outcome.output());
            }
            assertEquals(0, lab.limitFiles(4096).exit());
            deleted("p2");
        }
        ping(address);
        lab.await("an ADD", () -> add("p2").exit() == 0);
        assertEquals(
                0,
                lab.plugin("CHECK", "c-p1", "p1", "1.0.0", add("p1").output()).exit());
        assertTrue(lab.openFiles() <= open + 16, "descriptors come back: " + open + " and " + lab.openFiles());
    }

    @Test
    void aNodeThatIsBootedAnewLetsGoOfItsPodsAndServesTheNextOnes() throws Exception {
        added("p1");
        added("p2");
        lab.reboot();
        assertTrue(lab.read("agent").contains("of default/p1 (uid-p1): the node was booted since"), lab.read("agent"));
        lab.in("node", "ip addr add 10.0.0.10/32 dev lo");
        for (String pod : List.of("p1", "p2")) {
            lab.pod(pod);
        }
        NodeLab.Outcome next = lab.plugin("ADD", "c-next", "p1", "1.0.0", "");
        assertEquals(0, next.exit(), () -> next.output() + lab.read("agent"));
        assertTrue(lab.metrics().contains("terway_ip_pool_allocated{node=\"node-1\"} 1.0"), lab.metrics());
        String address = next.output().replaceAll("(?s).*\"address\":\"([0-9.]+)/32\".*", "$1");
        lab.in("vpc", "ip neigh replace " + address + " lladdr 00:16:3e:00:00:0a dev eni");
        NodeLab.Outcome ping = lab.in("p1", "ping -c 1 -W 5 " + NodeLab.GATEWAY);
        assertEquals(0, ping.exit(), ping.output());
        // The runtime cleans up after the sandboxes of before.
        deleted("p1");
        deleted("p2");
        assertEquals(0, lab.in("p1", "ping -c 1 -W 5 " + NodeLab.GATEWAY).exit(), "a late DEL is of no harm");
        assertEquals(new NodeLab.Outcome(0, NOTHING), lab.plugin("DEL", "c-next", "p1", "1.0.0", ""));
        requireNoLink();
        before = NodeTraces.of(lab);
    }

    /** An ADD that gives up after two seconds. */
    private static NodeLab.Outcome hurried(String pod) {
        return lab.plugin(Map.of("TERWAY_CNI_DEADLINE_MS", "2000"), "ADD", "c-" + pod, pod);
    }
}
