package io.terway.lab.api.kind;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The order of API versions: general availability first, then beta, then alpha; higher numbers first. */
final class Versions {

    private static final Pattern FORM = Pattern.compile("v(\\d{1,9})(?:(alpha|beta)(\\d{1,9}))?");

    static final Comparator<String> BY_PREFERENCE =
            Comparator.comparingLong(Versions::rank).reversed().thenComparing(Comparator.naturalOrder());

    private Versions() {}

    private static long rank(String version) {
        Matcher parts = FORM.matcher(version);
        if (!parts.matches()) {
            return -1;
        }
        long stability = parts.group(2) == null ? 2 : parts.group(2).equals("beta") ? 1 : 0;
        long minor = parts.group(3) == null ? 0 : Long.parseLong(parts.group(3));
        return (stability << 60) + (Long.parseLong(parts.group(1)) << 30) + minor;
    }
}
