package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An agent per test, with ipam-service and the kernel as models. */
abstract class OneAgent {

    static final EniId ENI = new EniId("eni-a");

    final KernelModel kernel = new KernelModel();
    IpamModel ipam;
    TestNode node;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        ipam = new IpamModel();
        node = new TestNode(directory, kernel, ipam.port());
        kernel.plug(ENI);
    }

    @AfterEach
    void stop() {
        node.close();
        ipam.close();
    }

    /** Ends the agent as a kill does, and starts the next one on what it left. */
    void restart() {
        node.close();
        node = new TestNode(directory, kernel, ipam.port());
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "still not: " + what);
            Thread.onSpinWait();
        }
    }

    void offered(int from, int count) {
        ipam.offer(from, count);
        await("offer", () -> node.ledger.read(s -> s.offered().size() >= count));
    }

    static Ip ip(int last) {
        return Ip.parse("10.0.64." + last);
    }

    static SandboxKey key(String container) {
        return new SandboxKey("terway", container, "eth0");
    }

    void known(String... pods) {
        for (String pod : pods) {
            ipam.push(pod);
        }
        await("pods", () -> {
            try {
                Path file = directory.resolve("pods");
                return Files.exists(file) && Files.readString(file).contains(pods[pods.length - 1]);
            } catch (IOException e) {
                return false;
            }
        });
    }
}
