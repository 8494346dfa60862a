package io.terway.node.policy;

import java.util.Objects;

/**
 * One rule of a chain. In the kernel it is known again by its comment, which is derived from the text: nft prints rules
 * in words of its own, so the text cannot be compared.
 *
 * @param text in nft's syntax; empty for a rule that was read back
 * @param comment what the kernel keeps with the rule
 */
public record NftRule(String text, String comment) {

    /** The kernel keeps 128 bytes; the digest and a blank take 17. */
    private static final int NOTE_BYTES = 100;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    public NftRule {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(comment, "comment");
    }

    /** @param note for people who list the table, such as the policy's name */
    static NftRule of(String text, String note) {
        String digest = digest(text + note);
        String shown = note.length() <= NOTE_BYTES ? note : note.substring(0, NOTE_BYTES);
        return new NftRule(text, shown.isEmpty() ? digest : shown + " " + digest);
    }

    static NftRule of(String text) {
        return of(text, "");
    }

    /** A rule as the kernel shows it. */
    public static NftRule observed(String comment) {
        return new NftRule("", comment);
    }

    /** FNV-1a: short names for texts that nobody chose to collide. */
    static String digest(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return "%016x".formatted(hash);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NftRule rule && rule.comment.equals(comment);
    }

    @Override
    public int hashCode() {
        return comment.hashCode();
    }
}
