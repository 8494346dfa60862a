package io.terway.agent.ledger;

import io.terway.node.ledger.BootTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** CLOCK_BOOTTIME as /proc shows it, in steps of 10 ms. Any thread. */
public final class BootClock {

    private static final Duration STEP = Duration.ofMillis(10);

    private final Path uptime;
    private final String bootId;

    private BootClock(Path uptime, String bootId) {
        this.uptime = uptime;
        this.bootId = bootId;
    }

    /** The kernel's own. */
    public static BootClock open() {
        return open(Path.of("/proc"));
    }

    static BootClock open(Path proc) {
        try {
            String bootId =
                    Files.readString(proc.resolve("sys/kernel/random/boot_id")).strip();
            return new BootClock(proc.resolve("uptime"), bootId);
        } catch (IOException e) {
            throw new UncheckedIOException("the kernel's boot id cannot be read; is " + proc + " mounted?", e);
        }
    }

    public String bootId() {
        return bootId;
    }

    /** A moment of this boot that another process read from the clock; one yet to come is taken for now. */
    public BootTime at(Duration sinceBoot) {
        Duration latest = now().sinceBoot().plus(STEP);
        return new BootTime(bootId, sinceBoot.compareTo(latest) < 0 ? sinceBoot : latest);
    }

    public BootTime now() {
        try {
            String text = Files.readString(uptime);
            String seconds = text.substring(0, text.indexOf(' '));
            long hundredths = Long.parseLong(seconds.replace(".", ""));
            return new BootTime(bootId, Duration.ofMillis(10 * hundredths));
        } catch (IOException e) {
            throw new UncheckedIOException(uptime + " cannot be read", e);
        }
    }
}
