package io.terway.agent.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The clock of a boot that is not this machine's. It stands still. */
public final class OtherBoot {

    private OtherBoot() {}

    /** @param directory for what /proc would say */
    public static BootClock clock(Path directory) {
        try {
            Path random = Files.createDirectories(directory.resolve("sys/kernel/random"));
            Files.writeString(random.resolve("boot_id"), "another-boot");
            Files.writeString(directory.resolve("uptime"), "42.00 42.00");
            return BootClock.open(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
