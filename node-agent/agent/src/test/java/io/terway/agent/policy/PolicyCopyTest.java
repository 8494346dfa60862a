package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was said is on disk, at the cost of what was said. */
class PolicyCopyTest {

    private static final PolicyUpdate FULL = Updates.full()
            .addSets(Updates.set("a1", true, List.of("10.0.0.1"), List.of()))
            .addPrograms(Updates.program("b1", Direction.INGRESS, "a1", 80))
            .addPods(Updates.pod("server", "b1", ""))
            .build();

    @TempDir
    private Path directory;

    private Path file;
    private PolicyCopy copy;
    private PolicyMemory memory = PolicyMemory.EMPTY;

    @BeforeEach
    void begin() {
        file = directory.resolve("policy");
        copy = new PolicyCopy(file);
        say(FULL);
    }

    private void say(PolicyUpdate update) {
        memory = memory.after(List.of(update));
        copy.append(List.of(update), memory);
    }

    private static PolicyUpdate change(int i) {
        return Updates.difference(i + 2)
                .addSets(Updates.set("a1", false, List.of("10.1." + i / 250 + "." + i % 250), List.of()))
                .build();
    }

    @Test
    void revisionsAreFoundAgainInOrder() {
        for (int i = 0; i < 100; i++) {
            say(change(i));
        }

        assertEquals(memory, new PolicyCopy(file).load());
    }

    @Test
    void aRevisionCostsWhatItWeighsAndTheFileStaysBounded() throws IOException {
        long before = Files.size(file);
        say(change(1));
        assertTrue(Files.size(file) - before < 100, "grew to " + Files.size(file));

        for (int i = 2; i < 20_000; i++) {
            say(change(i % 1000));
        }

        assertTrue(Files.size(file) < 400_000, "grew to " + Files.size(file));
        assertEquals(memory, new PolicyCopy(file).load());
    }

    @Test
    void whereverACrashCutsTheEndWhatWasSaidBeforeCounts() throws IOException {
        int whole = (int) Files.size(file);
        PolicyMemory before = memory;
        say(change(1));
        byte[] bytes = Files.readAllBytes(file);

        for (int length = whole; length < bytes.length; length++) {
            Files.write(file, Arrays.copyOf(bytes, length));

            assertEquals(before, new PolicyCopy(file).load(), length + " bytes");
        }
    }

    @Test
    void anAgentThatFoundATornEndWritesAllOfIt() throws IOException {
        Files.write(file, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        copy = new PolicyCopy(file);
        assertEquals(memory, copy.load());

        say(change(1));

        assertEquals(memory, new PolicyCopy(file).load());
    }

    @Test
    void aDamagedStateIsNotBelieved() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[20] ^= 1;
        Files.write(file, bytes);

        assertEquals(PolicyMemory.EMPTY, new PolicyCopy(file).load());
    }
}
