package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaderChannelTest {

    @TempDir
    Path dir;

    @Test
    void aClosedChannelLeavesNoThreadThatReadsItsFiles() throws Exception {
        LeaderChannel channel = LeaderChannel.to(
                new Address("127.0.0.1", 1),
                new LeaderChannel.Settings("ns", "lease", Optional.empty(), SelfSigned.in(dir)));
        assertEquals(1, reloading());

        channel.close();

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (reloading() > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(0, reloading());
    }

    private static long reloading() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("tls-reload"))
                .count();
    }
}
