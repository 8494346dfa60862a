package io.terway.agent.accel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What becomes of acceleration where it cannot be, by kernels that refuse it. */
class AccelerationTest {

    private static final Path HOST = Path.of("/proc/self/ns/net");

    private volatile Optional<String> obstacle = Optional.empty();
    private final AtomicInteger asked = new AtomicInteger();

    private Acceleration on(KernelRefusal refusal) {
        Allowed allowed = new Allowed(() -> obstacle, _ -> Optional.empty(), () -> "same");
        return Acceleration.start(HOST, allowed, () -> {
            asked.incrementAndGet();
            throw refusal;
        });
    }

    private static void await(BooleanSupplier condition) {
        for (int i = 0; i < 2_000 && !condition.getAsBoolean(); i++) {
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        assertTrue(condition.getAsBoolean());
    }

    @Test
    void aKernelWithoutTcxIsAskedOnceAndTheAgentLivesOnAndSaysWhy() {
        try (Acceleration acceleration = on(new KernelRefusal("try tcx", Errno.EINVAL, "Linux has it since 6.6"))) {
            await(() -> acceleration.status().contains("this kernel"));

            assertTrue(acceleration.status().startsWith("off: this kernel cannot: try tcx: EINVAL"));
            assertTrue(acceleration.status().endsWith("(Linux has it since 6.6)"));
            assertTrue(acceleration.isAlive());
            assertEquals(0, acceleration.size());
            assertEquals(1, asked.get());
        }
    }

    @Test
    void whileItIsSwitchedOffTheKernelIsNotEvenAsked() {
        obstacle = Optional.of("eni-config says so");
        try (Acceleration acceleration = on(new KernelRefusal("load", Errno.EPERM, ""))) {
            await(() -> acceleration.status().equals("off: eni-config says so"));
            assertEquals(0, asked.get());

            obstacle = Optional.empty();

            await(() -> asked.get() == 1);
        }
    }

    @Test
    void whatTheKernelLacksForAMomentIsAskedForAgain() {
        try (Acceleration acceleration = on(new KernelRefusal("load", Errno.ENOMEM, ""))) {
            await(() -> asked.get() >= 2);

            assertTrue(acceleration.status().startsWith("off: this kernel cannot now: load: ENOMEM"));
            assertTrue(acceleration.isAlive());
        }
    }
}
