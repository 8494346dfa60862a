package io.terway.node.policy;

import java.util.Map;
import java.util.Objects;

/**
 * A set, or a verdict map.
 *
 * @param type of its keys, in nft's words
 * @param interval true when elements are ranges
 * @param elements keys with their verdicts; in a set without verdicts each is empty
 */
public record NftSet(String name, String type, boolean verdicts, boolean interval, Map<String, String> elements) {

    /** What an element of a set without verdicts maps to. */
    public static final String MEMBER = "";

    public NftSet {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        elements = Map.copyOf(elements);
    }

    /** True when one can become the other by changing elements. */
    boolean isLike(NftSet other) {
        return type.equals(other.type) && verdicts == other.verdicts && interval == other.interval;
    }

    /** nft's keyword for it. */
    String keyword() {
        return verdicts ? "map" : "set";
    }

    /** Its definition, as it stands between the braces. */
    String definition() {
        return "type " + type + (verdicts ? " : verdict" : "") + ";" + (interval ? " flags interval;" : "");
    }
}
