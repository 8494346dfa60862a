package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.node.ledger.EarlierRelease;
import io.terway.node.ledger.LaterRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged agent is rolled out and back under 1,000 packets a second between ten pairs: five of pods of the node, five
 * of a pod and the VPC. No packet is missing, and each agent knows the pods of the one before.
 */
@Timeout(300)
class UpgradePrivilegedIT {

    private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([0-9.]+)/32\"");
    private static final int PAIRS = 5;
    private static final int PODS = 3 * PAIRS;

    @TempDir
    static Path directory;

    private final Map<String, String> addresses = new HashMap<>();
    private NodeLab lab;
    private int visitors;

    @Test
    void rollingForthAndBackLosesNoPacketAndNoPod() throws Exception {
        if (!"root".equals(System.getProperty("user.name"))) {
            Assumptions.abort("privilege: needs root to make network namespaces");
        }
        try (NodeLab node = new NodeLab(directory);
                Pings pings = new Pings(node)) {
            lab = node;
            for (int i = 0; i < PODS; i++) {
                connect("p" + i);
            }
            long begin = System.nanoTime();
            send(pings);
            lab.killAgent();
            comesBack();
            lab.stopAgent();
            comesBack();
            lab.stopAgent();
            rewriteLedger(EarlierRelease::rewriting);
            comesBack();
            lab.stopAgent();
            rewriteLedger(LaterRelease::appending);
            comesBack();
            Pings.Count count = pings.count();
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    "%d of %d packets answered in %.1f s, agent ended four times%n",
                    count.answered(), count.sent(), seconds);
            assertEquals(count.sent(), count.answered(), () -> lab.read("agent"));
            assertTrue(count.sent() >= 100 * 2 * PAIRS, "too few to say anything: " + count);
        }
    }

    private void connect(String pod) {
        lab.pod(pod);
        addresses.put(pod, add(pod));
        // The VPC knows which ENI has an address; this model of it is told.
        lab.in("vpc", "ip neigh replace " + addresses.get(pod) + " lladdr 00:16:3e:00:00:0a dev eni");
    }

    private String add(String pod) {
        NodeLab.Outcome added = lab.plugin("ADD", "c-" + pod, pod, "1.0.0", "");
        Matcher matcher = ADDRESS.matcher(added.output());
        assertTrue(added.exit() == 0 && matcher.find(), () -> added.output() + lab.read("agent"));
        return matcher.group(1);
    }

    private void send(Pings pings) {
        for (int i = 0; i < PAIRS; i++) {
            pings.between("p" + i, addresses.get("p" + (PAIRS + i)));
            pings.between("p" + (2 * PAIRS + i), NodeLab.GATEWAY);
        }
    }

    /** The agent starts, knows every pod, and gives no address of theirs to the next one. */
    private void comesBack() throws Exception {
        lab.startAgent();
        addresses.forEach((pod, address) -> assertEquals(address, add(pod), pod));
        String visitor = "p" + (PODS + visitors++);
        lab.pod(visitor);
        assertFalse(addresses.containsValue(add(visitor)));
        assertEquals(new NodeLab.Outcome(0, ""), lab.plugin("DEL", "c-" + visitor, visitor, "1.0.0", ""));
    }

    private void rewriteLedger(UnaryOperator<byte[]> release) throws IOException {
        Path ledger = lab.path("state/ledger");
        byte[] ours = Files.readAllBytes(ledger);
        byte[] theirs = release.apply(ours);
        assertTrue(theirs.length != ours.length, "the other release writes the same");
        Files.write(ledger, theirs);
    }
}
