package io.terway.node.policy;

import java.util.List;
import java.util.Objects;

/**
 * A chain with its rules.
 *
 * @param hook type, hook and priority of a base chain as nft writes them; empty for others
 */
public record NftChain(String name, String hook, List<NftRule> rules) {
    public NftChain {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(hook, "hook");
        rules = List.copyOf(rules);
    }
}
