package io.terway.node.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Model of nftables for our table: does what a transaction says, and refuses what the kernel refuses. */
final class KernelTable {

    private boolean exists;
    private final Map<String, NftSet> sets = new HashMap<>();
    private final Map<String, NftChain> chains = new HashMap<>();

    static KernelTable of(NftTable table) {
        KernelTable kernel = new KernelTable();
        kernel.exists = !table.isAbsent();
        kernel.sets.putAll(table.sets());
        kernel.chains.putAll(table.chains());
        return kernel;
    }

    NftTable table() {
        return new NftTable(sets, chains);
    }

    void run(List<Transaction> transactions) {
        transactions.forEach(t -> t.ops().forEach(this::run));
    }

    private void run(TableOp op) {
        require(exists || op instanceof TableOp.AddTable, "no table for " + op.text());
        switch (op) {
            case TableOp.AddTable() -> exists = true;
            case TableOp.DeleteTable() -> {
                exists = false;
                sets.clear();
                chains.clear();
            }
            case TableOp.AddSet(NftSet set) -> {
                require(!sets.containsKey(set.name()), "set exists: " + set.name());
                sets.put(set.name(), with(set, Map.of()));
            }
            case TableOp.FlushSet(String name) -> {
                require(sets.containsKey(name), "no set " + name);
                sets.put(name, with(sets.get(name), Map.of()));
            }
            case TableOp.DeleteSet(NftSet set) -> {
                require(!uses("@" + set.name()), "set in use: " + set.name());
                require(sets.remove(set.name()) != null, "no set " + set.name());
            }
            case TableOp.AddElements(String name, Map<String, String> elements) -> {
                NftSet set = sets.get(name);
                require(set != null, "no set " + name);
                Map<String, String> next = new HashMap<>(set.elements());
                elements.forEach((key, verdict) -> {
                    require(next.put(key, verdict) == null, "element exists: " + key);
                    require(verdict.isEmpty() || chains.containsKey(verdict.split(" ")[1]), "no chain: " + verdict);
                });
                sets.put(name, with(set, next));
            }
            case TableOp.DeleteElements(String name, Map<String, String> elements) -> {
                Map<String, String> next = new HashMap<>(sets.get(name).elements());
                elements.keySet().forEach(key -> require(next.remove(key) != null, "no element " + key));
                sets.put(name, with(sets.get(name), next));
            }
            case TableOp.AddChain(String name, String hook) -> {
                require(!chains.containsKey(name), "chain exists: " + name);
                chains.put(name, new NftChain(name, hook, List.of()));
            }
            case TableOp.FlushChain(String name) ->
                chains.put(name, new NftChain(name, chains.get(name).hook(), List.of()));
            case TableOp.AddRules(String name, List<NftRule> rules) -> {
                rules.forEach(this::requireTargets);
                List<NftRule> all = new ArrayList<>(chains.get(name).rules());
                all.addAll(rules);
                chains.put(name, new NftChain(name, chains.get(name).hook(), all));
            }
            case TableOp.DeleteChain(String name) -> {
                require(chains.get(name).rules().isEmpty(), "chain not empty: " + name);
                require(!uses("jump " + name) && !uses("goto " + name), "chain in use: " + name);
                chains.remove(name);
            }
        }
    }

    private void requireTargets(NftRule rule) {
        String[] words = rule.text().split(" ");
        for (int i = 0; i < words.length; i++) {
            if (words[i].startsWith("@")) {
                require(sets.containsKey(words[i].substring(1)), "no set: " + rule.text());
            }
            if (words[i].equals("goto") || words[i].equals("jump")) {
                require(chains.containsKey(words[i + 1]), "no chain: " + rule.text());
            }
        }
    }

    private boolean uses(String words) {
        return chains.values().stream()
                        .flatMap(chain -> chain.rules().stream())
                        .anyMatch(rule -> (rule.text() + " ").contains(words + " "))
                || sets.values().stream().anyMatch(set -> set.elements().containsValue(words));
    }

    private static NftSet with(NftSet set, Map<String, String> elements) {
        return new NftSet(set.name(), set.type(), set.verdicts(), set.interval(), set.learned(), elements);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
