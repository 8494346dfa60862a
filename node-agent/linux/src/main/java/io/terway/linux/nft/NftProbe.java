package io.terway.linux.nft;

/** Whether nftables can be used here, found by using it. */
public sealed interface NftProbe {

    record Supported() implements NftProbe {}

    /** @param reason nft's own message */
    record Unsupported(String reason) implements NftProbe {}

    /** The question could not be put. */
    record ProbeUnavailable(String reason) implements NftProbe {}

    /** Adds and deletes a table in one transaction, which leaves nothing. */
    static NftProbe run() {
        if (NftLibrary.load().isEmpty()) {
            return new ProbeUnavailable("package: libnftables.so.1 is not installed (Debian: libnftables1)");
        }
        try (Nft nft = Nft.open()) {
            return switch (nft.run("add table inet terway_probe; delete table inet terway_probe")) {
                case NftResult.Applied _ -> new Supported();
                case NftResult.Rejected(String error) ->
                    error.contains("Operation not permitted")
                            ? new ProbeUnavailable("privilege: nftables needs CAP_NET_ADMIN")
                            : new Unsupported(error);
            };
        }
    }
}
