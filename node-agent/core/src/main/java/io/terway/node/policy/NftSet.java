package io.terway.node.policy;

import java.util.Map;
import java.util.Objects;

/**
 * A set, or a verdict map.
 *
 * @param type of its keys, in nft's words
 * @param interval true when elements are ranges
 * @param learned true when packets put elements there, for a while each; they are nobody's business then
 * @param elements keys with their verdicts; in a set without verdicts each is empty
 */
public record NftSet(
        String name, String type, boolean verdicts, boolean interval, boolean learned, Map<String, String> elements) {

    /** What an element of a set without verdicts maps to. */
    public static final String MEMBER = "";

    /** Elements that packets may put into one set; more of them only find their way more slowly. */
    private static final int LEARNED_AT_MOST = 65_535;

    public NftSet {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        elements = Map.copyOf(elements);
    }

    /** What we fill. */
    public NftSet(String name, String type, boolean verdicts, boolean interval, Map<String, String> elements) {
        this(name, type, verdicts, interval, false, elements);
    }

    /** What packets fill. */
    static NftSet learned(String name, String type) {
        return new NftSet(name, type, false, false, true, Map.of());
    }

    /** True when one can become the other by changing elements. */
    boolean isLike(NftSet other) {
        return type.equals(other.type)
                && verdicts == other.verdicts
                && interval == other.interval
                && learned == other.learned;
    }

    /** nft's keyword for it. */
    String keyword() {
        return verdicts ? "map" : "set";
    }

    /** Its definition, as it stands between the braces. */
    String definition() {
        return "type " + type + (verdicts ? " : verdict" : "") + ";" + (interval ? " flags interval;" : "")
                + (learned ? " size " + LEARNED_AT_MOST + "; flags dynamic,timeout;" : "");
    }
}
