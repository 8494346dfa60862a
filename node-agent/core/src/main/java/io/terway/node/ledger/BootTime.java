package io.terway.node.ledger;

import java.time.Duration;

/**
 * A moment on a clock that no one sets: CLOCK_BOOTTIME of one boot of the kernel.
 *
 * @param bootId {@code /proc/sys/kernel/random/boot_id}
 * @param sinceBoot time since that boot, suspended time included
 */
public record BootTime(String bootId, Duration sinceBoot) {

    public BootTime {
        if (bootId.isEmpty() || bootId.length() > 64) {
            throw new IllegalArgumentException("boot id '" + bootId + "' is not 1 to 64 characters long");
        }
        if (sinceBoot.isNegative()) {
            throw new IllegalArgumentException("time since boot is negative: " + sinceBoot);
        }
    }

    /**
     * The least time that passed since {@code earlier}. When the kernel booted in between, only the time since that boot
     * is certain.
     */
    public Duration atLeastSince(BootTime earlier) {
        if (!bootId.equals(earlier.bootId)) {
            return sinceBoot;
        }
        Duration passed = sinceBoot.minus(earlier.sinceBoot);
        return passed.isNegative() ? Duration.ZERO : passed;
    }

    /**
     * True when a moment since boot lies ahead of this one, which is now: it was taken in an earlier boot, as a DEL that
     * waited in the spool over a reboot was. Clocks that are read in steps differ by less than the second allowed here.
     */
    public boolean isOvertakenBy(Duration moment) {
        return moment.compareTo(sinceBoot.plusSeconds(1)) > 0;
    }
}
