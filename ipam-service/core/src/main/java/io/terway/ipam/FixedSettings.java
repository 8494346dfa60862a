package io.terway.ipam;

import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of fixed addresses.
 *
 * @param most addresses kept at the same time; further pods are refused
 * @param releasesPerMinute released at most once their time is over, so that a mistake can be noticed
 * @param retention of workloads that do not say
 */
public record FixedSettings(int most, int releasesPerMinute, Retention retention) {

    public static final FixedSettings DEFAULTS = new FixedSettings(10_000, 60, Retention.of(Duration.ofDays(7)));

    public FixedSettings {
        Objects.requireNonNull(retention, "retention");
        if (most < 0 || most > 1_000_000) {
            throw new IllegalArgumentException("fixed.most is " + most + "; it must be 0 to 1000000");
        }
        if (releasesPerMinute < 1 || releasesPerMinute > 10_000) {
            throw new IllegalArgumentException(
                    "fixed.releases-per-minute is " + releasesPerMinute + "; it must be 1 to 10000");
        }
    }
}
