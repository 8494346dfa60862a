package io.terway.node.http;

import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The chains of one table of a pod, in nft's order. */
record PodChains(String table, SequencedMap<String, Chain> chains) {

    /** @param hook where packets enter it; empty: only from other chains */
    record Chain(Optional<String> hook, List<ChainRule> rules) {}

    /** Tables that this agent makes in pods. */
    private static final Pattern OURS = Pattern.compile("(inet|netdev) terway(_\\w+)?");

    private static final Pattern HOOK = Pattern.compile("type \\w+ hook (\\w+) .*");

    /**
     * All but ours.
     *
     * @param ruleset as {@code nft list ruleset} prints it
     * @throws IllegalArgumentException when it is not of that form
     */
    static List<PodChains> read(String ruleset, List<Ip> own) {
        List<PodChains> tables = new ArrayList<>();
        PodChains table = null;
        Block block = null;
        for (String line : ruleset.lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (block != null) {
                block = block.take(line, own) ? block : null;
            } else if (table == null) {
                table = new PodChains(named("table (.+) \\{", line), new LinkedHashMap<>());
                tables.add(table);
            } else if (line.equals("}")) {
                table = null;
            } else if (line.startsWith("chain ")) {
                block = new Block(table, named("chain (\\S+) \\{", line));
            } else if (line.endsWith("{")) {
                block = new Block(table, ""); // a set, a counter
            }
        }
        tables.removeIf(one -> OURS.matcher(one.table()).matches());
        return List.copyOf(tables);
    }

    private static String named(String form, String line) {
        Matcher named = Pattern.compile(form).matcher(line);
        if (!named.matches()) {
            throw new IllegalArgumentException("not of a list of rules: " + line);
        }
        return named.group(1);
    }

    /** What stands between braces in a table. */
    private static final class Block {

        private final boolean rules;
        private final List<ChainRule> list = new ArrayList<>();
        private final Map<String, Chain> chains;
        private final String name;

        private Block(PodChains table, String chain) {
            rules = !chain.isEmpty();
            chains = table.chains();
            name = chain;
            if (rules) {
                chains.put(name, new Chain(Optional.empty(), list));
            }
        }

        /** False for its end. */
        private boolean take(String line, List<Ip> own) {
            if (line.equals("}")) {
                return false;
            }
            if (rules) {
                Matcher hook = HOOK.matcher(line);
                if (hook.matches()) {
                    chains.put(name, new Chain(Optional.of(hook.group(1)), list));
                } else if (line.endsWith("{")) {
                    throw new IllegalArgumentException("a chain without a name is not followed: " + line);
                } else {
                    list.add(RuleText.read(line, own));
                }
            }
            return true;
        }
    }
}
