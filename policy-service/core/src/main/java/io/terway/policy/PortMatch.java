package io.terway.policy;

import java.util.Objects;
import java.util.regex.Pattern;

/** Which destination ports a rule means. A rule lists several and means any of them; an empty list means none. */
public sealed interface PortMatch {

    /** Every port of every protocol, and protocols without ports too. */
    record Any() implements PortMatch {}

    /** Every port of one protocol. */
    record Every(Protocol protocol) implements PortMatch {}

    /** Ports {@code first} to {@code last}, both included. */
    record Range(Protocol protocol, int first, int last) implements PortMatch {
        public Range {
            if (first < 1 || last > 65_535) {
                throw new IllegalArgumentException("port " + (first < 1 ? first : last) + " is not in 1..65535");
            }
            if (last < first) {
                throw new IllegalArgumentException("endPort " + last + " is below port " + first);
            }
        }

        /** True when the port is inside and the protocol the same. */
        public boolean contains(Protocol other, int port) {
            return protocol == other && first <= port && port <= last;
        }
    }

    /** A container port's name on the destination pod, so it resolves per pod. */
    record Named(Protocol protocol, String name) implements PortMatch {

        private static final Pattern NAME = Pattern.compile("(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*");

        public Named {
            Objects.requireNonNull(protocol);
            if (name.length() > 15 || !NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("port name '" + name
                        + "' must have 1 to 15 of a-z, 0-9 and single inner '-', with at least one letter");
            }
        }
    }
}
