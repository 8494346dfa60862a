package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged agent finds its ledger damaged, again and again, under pods that go on: it makes it anew of the real kernel
 * and of what ipam-service knows, gives no address twice, and leaves nothing behind in the end.
 */
@Timeout(300)
class LedgerPrivilegedIT {

    private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([0-9.]+)/32\"");
    private static final List<String> PODS = List.of("p0", "p1", "p2", IpamModelMain.ALONE);

    @TempDir
    static Path directory;

    private final Map<String, String> addresses = new HashMap<>();
    private NodeLab lab;
    private int visitors;

    @Test
    void aLedgerDamagedAnywhereCostsNoPodItsAddressAndGivesNoneTwice() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        try (NodeLab node =
                new NodeLab(directory, new NodeLab.Options(1, "dual", false, IpamModelMain.Kind.EVERYTHING))) {
            lab = node;
            visit(IpamModelMain.ALONE); // its ENI comes home under another name
            visit("p20");
            Map<String, List<String>> before = NodeTraces.of(lab);
            byte[] ofNobody = Files.readAllBytes(lab.path("state/ledger"));
            for (String pod : PODS) {
                lab.pod(pod);
                addresses.put(pod, add(pod));
            }
            suffers("one bit", file -> {
                file[file.length / 2] ^= 4;
                return file;
            });
            suffers("zeros", file -> new byte[file.length]);
            everybodyElseForgets(ofNobody);
            for (String pod : PODS) {
                assertEquals(new NodeLab.Outcome(0, ""), del(pod));
                lab.podGone(pod);
            }
            requireNoLinkOfPods();
            assertEquals(before, NodeTraces.of(lab));
        }
    }

    private void suffers(String what, UnaryOperator<byte[]> damage) throws Exception {
        lab.killAgent();
        Path ledger = lab.path("state/ledger");
        Files.write(ledger, damage.apply(Files.readAllBytes(ledger)));
        lab.startAgent(); // serves only once the ledger was made anew
        assertTrue(lab.read("agent").contains("is damaged"), what);
        requireServes(what);
    }

    /** The ledger is one from before all pods, and damaged, and ipam-service begins anew: the kernel knows who has what. */
    private void everybodyElseForgets(byte[] ofNobody) throws Exception {
        lab.killAgent();
        lab.forgetEverything();
        ByteBuffer twice = ByteBuffer.allocate(2 * ofNobody.length + 16).put(ofNobody);
        twice.position(twice.position() + 16).put(ofNobody);
        Files.write(lab.path("state/ledger"), twice.array());
        lab.startAgent();
        assertTrue(lab.read("agent").contains("was made anew with " + PODS.size() + " sandboxes"), lab.read("agent"));
        requireServes("everything forgotten");
    }

    private void requireServes(String what) throws Exception {
        addresses.forEach((pod, address) -> {
            assertEquals(address, add(pod), what);
            NodeLab.Outcome ping = lab.in(pod, "ping -c 3 -W 5 " + neighbour(pod));
            assertEquals(0, ping.exit(), ping.output());
        });
        visit("p" + (30 + visitors++));
    }

    /** Of pods on the shared ENI another one, which the node reaches; of the one alone the VPC. */
    private String neighbour(String pod) {
        return pod.equals(IpamModelMain.ALONE) ? NodeLab.GATEWAY : addresses.get(pod.equals("p0") ? "p1" : "p0");
    }

    /** A pod more comes and goes; its address is nobody's. */
    private void visit(String pod) throws InterruptedException, IOException {
        lab.pod(pod);
        assertFalse(addresses.containsValue(add(pod)));
        assertEquals(new NodeLab.Outcome(0, ""), del(pod));
        lab.podGone(pod);
        if (addresses.isEmpty()) {
            requireNoLinkOfPods();
        }
    }

    private void requireNoLinkOfPods() throws InterruptedException {
        lab.await(
                "no link of a pod",
                () -> lab.in("node", "ip -o link").output().lines().count() == 3);
    }

    private String add(String pod) {
        NodeLab.Outcome added = lab.plugin("ADD", "c-" + pod, pod, "1.0.0", "");
        Matcher matcher = ADDRESS.matcher(added.output());
        assertTrue(added.exit() == 0 && matcher.find(), () -> added.output() + lab.read("agent"));
        return matcher.group(1);
    }

    private NodeLab.Outcome del(String pod) {
        return lab.plugin("DEL", "c-" + pod, pod, "1.0.0", "");
    }
}
