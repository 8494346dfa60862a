package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BearerTokenTest {

    private long now = 1_000;

    @Test
    void anUnreadableFileIsTriedOnceASecondWhateverIsCalled(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("token");
        var token = new BearerToken(file, () -> now);
        assertEquals(Optional.empty(), token.token());
        Files.writeString(file, "first");
        assertEquals(Optional.empty(), token.token());

        now += Duration.ofSeconds(1).toNanos();

        assertEquals(Optional.of("first"), token.token());
    }

    @Test
    void aRenewedFileIsReadWithinAMinuteAndTheLastTokenStaysWhileItIsAway(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "first");
        var token = new BearerToken(file, () -> now);
        assertEquals(Optional.of("first"), token.token());
        Files.delete(file);
        now += Duration.ofMinutes(1).toNanos();
        assertEquals(Optional.of("first"), token.token());
        Files.writeString(file, "second");
        now += Duration.ofSeconds(1).toNanos();

        assertEquals(Optional.of("second"), token.token());
    }
}
