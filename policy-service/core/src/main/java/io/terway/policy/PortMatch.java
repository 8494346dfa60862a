package io.terway.policy;

import java.util.Objects;

/** Which destination ports a rule allows. Named ports are the destination pod's, so they resolve per pod. */
public sealed interface PortMatch {

    Protocol protocol();

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
    }

    /** A container port's name on the destination pod. */
    record Named(Protocol protocol, String name) implements PortMatch {
        public Named {
            Objects.requireNonNull(name);
            if (!name.matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?")
                    || name.length() > 15
                    || !name.matches(".*[a-z].*")
                    || name.contains("--")) {
                throw new IllegalArgumentException("port name '" + name
                        + "' must have 1 to 15 of a-z, 0-9 and single inner '-', with at least one letter");
            }
        }
    }
}
