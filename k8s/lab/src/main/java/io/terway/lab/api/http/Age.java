package io.terway.lab.api.http;

import java.time.Duration;
import java.time.Instant;

/** Ages as kubectl prints them: two units while small, one when large. */
final class Age {

    private Age() {}

    static String between(Instant then, Instant now) {
        Duration age = Duration.between(then, now);
        long seconds = age.toSeconds();
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 120) {
            return Math.max(0, seconds) + "s";
        }
        long minutes = age.toMinutes();
        if (minutes < 180) {
            return minutes < 10 ? two(minutes, "m", seconds % 60, "s") : minutes + "m";
        }
        long hours = age.toHours();
        if (hours < 48) {
            return hours < 8 ? two(hours, "h", minutes % 60, "m") : hours + "h";
        }
        long days = age.toDays();
        if (days < 2 * 365) {
            return days < 8 ? two(days, "d", hours % 24, "h") : days + "d";
        }
        return days < 8 * 365 ? two(days / 365, "y", days % 365, "d") : days / 365 + "y";
    }

    private static String two(long large, String unit, long small, String smallUnit) {
        return large + unit + (small == 0 ? "" : small + smallUnit);
    }
}
