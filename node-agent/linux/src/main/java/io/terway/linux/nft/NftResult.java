package io.terway.linux.nft;

/** What became of one transaction. */
public sealed interface NftResult {

    /** @param output what list commands printed */
    record Applied(String output) implements NftResult {}

    /**
     * Nothing was changed.
     *
     * @param error nft's own message, with the place in the input
     */
    record Rejected(String error) implements NftResult {}

    /**
     * The output of a transaction that was expected to work.
     *
     * @throws IllegalStateException with nft's message
     */
    default String orThrow() {
        return switch (this) {
            case Applied(String output) -> output;
            case Rejected(String error) -> throw new IllegalStateException("nft refused: " + error);
        };
    }
}
