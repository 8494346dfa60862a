package io.terway.node.datapath;

/**
 * A table of nftables rules.
 *
 * @param name with its family: {@code inet terway_peer}
 * @param listing exactly as {@code nft list table} prints it, so that what is found can be compared
 */
public record NftTable(String name, String listing) {

    public NftTable {
        listing = listing.strip();
    }
}
