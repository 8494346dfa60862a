package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.cni.Frames;
import io.terway.node.ledger.Binding;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A sandbox without a DEL ends when two of runtime, kernel and API server have forgotten it, and it is not young. */
@Timeout(60)
class CollectorIT extends OneAgent {

    private static final Duration OLD = Duration.ofMinutes(3);

    @BeforeEach
    void onePodOfThreeMinutes() {
        if (node.now().compareTo(OLD) < 0) {
            Assumptions.abort("clock: the machine was booted less than three minutes ago");
        }
        known("web");
        offered(1, 1);
        add(node.now().minus(OLD));
    }

    private void add(Duration started) {
        // One that started so long ago may not wait for anything; a runtime tries again.
        await("ADD", () -> node.call("ADD", "c1", "web", started, Frames.CONFIG).isSuccess());
    }

    private void runtimeSays(String attachments) {
        String config = Frames.CONFIG
                .replace("1.0.0", "1.1.0")
                .replace("}", ",\"cni.dev/valid-attachments\":[" + attachments + "]}");
        assertTrue(node.call("GC", "x", "x", node.now(), config).isSuccess());
    }

    private void runtimeForgets() {
        runtimeSays("");
    }

    private void kernelForgets() throws IOException {
        Files.delete(node.netns("c1"));
    }

    private void apiForgets() {
        ipam.gone("web");
        await("the pod is gone", () -> !node.knows("web"));
    }

    private void assertConnected() {
        assertEquals(Set.of(key("c1")), kernel.connected().keySet());
    }

    private void assertEnded() {
        assertTrue(kernel.connected().isEmpty());
        List<Binding> left = node.ledger.read(s -> List.copyOf(s.bindings()));
        assertEquals(List.of(), left);
    }

    @Test
    void runtimeAndKernelSuffice() throws Exception {
        kernelForgets();
        runtimeForgets();
        assertEnded();
    }

    @Test
    void runtimeAndApiSuffice() {
        apiForgets();
        runtimeForgets();
        assertEnded();
    }

    @Test
    void kernelAndApiSuffice() throws Exception {
        kernelForgets();
        apiForgets();
        node.calls.sweep().run();
        assertEnded();
    }

    @Test
    void theRuntimeAloneDoesNot() {
        runtimeForgets();
        assertConnected();
    }

    @Test
    void theKernelAloneDoesNot() throws Exception {
        kernelForgets();
        node.calls.sweep().run();
        runtimeSays("{\"containerID\":\"c1\",\"ifname\":\"eth0\"}");
        assertConnected();
    }

    @Test
    void theApiAloneDoesNot() {
        apiForgets();
        node.calls.sweep().run();
        runtimeSays("{\"containerID\":\"c1\",\"ifname\":\"eth0\"}");
        assertConnected();
    }

    @Test
    void aYoungOneIsLeftEvenWhenAllHaveForgotten() throws Exception {
        add(node.now()); // the runtime began it again just now
        kernelForgets();
        apiForgets();
        runtimeForgets();
        node.calls.sweep().run();
        assertConnected();
    }
}
