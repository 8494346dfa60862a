package io.terway.ipam;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a fixed address is kept once nobody wants its pod any more.
 *
 * @param time empty: until somebody deletes its PodNetInfo
 */
public record Retention(Optional<Duration> time) {

    public static final Retention NEVER = new Retention(Optional.empty());

    /** A workload's own wish, on the pod template or the StatefulSet. */
    public static final String ANNOTATION = "network.terway.io/fixed-ip-retention";

    static final Duration LONGEST = Duration.ofDays(365);

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})([smhd]?)");

    public Retention {
        Objects.requireNonNull(time, "time");
        if (time.isPresent() && (time.get().isNegative() || time.get().compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("retention " + time.get() + " is not in 0 s to 365 d");
        }
    }

    public static Retention of(Duration time) {
        return new Retention(Optional.of(time));
    }

    /** Reads "Never", or a number of seconds or with one of the units s, m, h, d. */
    public static Retention parse(String text) {
        if (text.equals("Never")) {
            return NEVER;
        }
        Matcher number = TEXT.matcher(text);
        if (!number.matches()) {
            throw new IllegalArgumentException("retention is '" + text
                    + "'; it must be 'Never' or a number of seconds, or of s, m, h or d, say '36h'");
        }
        long count = Long.parseLong(number.group(1));
        return of(
                switch (number.group(2)) {
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    case "d" -> Duration.ofDays(count);
                    case null, default -> Duration.ofSeconds(count);
                });
    }

    /** What a pod's annotations ask for. */
    static Retention of(Map<String, String> annotations, Retention otherwise) {
        String wish = annotations.get(ANNOTATION);
        try {
            return wish == null ? otherwise : parse(wish);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("annotation " + ANNOTATION + ": " + e.getMessage(), e);
        }
    }
}
