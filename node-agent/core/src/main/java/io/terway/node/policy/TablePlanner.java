package io.terway.node.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What must be done to our table. One change is one transaction; only what nothing leads to yet, new sets and new chains,
 * may come in transactions before it, because a single huge one would hold nftables' lock and stall the node.
 */
public final class TablePlanner {

    /**
     * Elements and rules one transaction takes before the new things are split off: some 30 ms of nftables' lock. Smaller
     * chunks would be slower as a whole, because the kernel lets readers drain after each.
     */
    static final int CHUNK = 10_000;

    private TablePlanner() {}

    /**
     * The transactions that make {@code observed} into {@code wanted}, in order; none when they are the same. A table
     * that is missing, or of a form that cannot be changed into ours, is made anew and starts closed: its pods are
     * isolated until their programs are complete.
     */
    public static List<Transaction> plan(NftTable wanted, NftTable observed) {
        if (observed.isAbsent() && wanted.isAbsent()) {
            return List.of();
        }
        if (wanted.isAbsent()) {
            return List.of(new Transaction(List.of(new TableOp.AddTable(), new TableOp.DeleteTable())));
        }
        if (observed.isAbsent() || !isOurs(wanted, observed)) {
            NftTable closed = PolicyTable.closed(wanted);
            List<TableOp> anew = new ArrayList<>();
            anew.add(new TableOp.AddTable());
            anew.add(new TableOp.DeleteTable());
            anew.add(new TableOp.AddTable());
            difference(closed, NftTable.ABSENT).forEach(t -> anew.addAll(t.ops()));
            List<Transaction> all = new ArrayList<>(List.of(new Transaction(anew)));
            all.addAll(difference(wanted, closed));
            return all;
        }
        return difference(wanted, observed);
    }

    /** False when a set or base chain of that name is of another kind, which only a stranger makes. */
    private static boolean isOurs(NftTable wanted, NftTable observed) {
        return wanted.sets().values().stream()
                        .allMatch(set -> !observed.sets().containsKey(set.name())
                                || set.isLike(observed.sets().get(set.name())))
                && wanted.chains().values().stream()
                        .allMatch(chain -> !observed.chains().containsKey(chain.name())
                                || chain.hook()
                                        .equals(observed.chains()
                                                .get(chain.name())
                                                .hook()));
    }

    private static List<Transaction> difference(NftTable wanted, NftTable observed) {
        List<TableOp> fresh = new ArrayList<>();
        List<TableOp> change = new ArrayList<>();
        sets(wanted, observed, fresh, change);
        chains(wanted, observed, fresh, change);
        verdicts(wanted, observed, change);
        remove(wanted, observed, change);
        return transactions(fresh, change);
    }

    private static void sets(NftTable wanted, NftTable observed, List<TableOp> fresh, List<TableOp> change) {
        for (NftSet set : new TreeMap<>(wanted.sets()).values()) {
            NftSet before = observed.sets().get(set.name());
            if (before == null) {
                fresh.add(new TableOp.AddSet(set));
                if (!set.verdicts()) {
                    split(set).forEach(fresh::add);
                }
            } else if (set.learned()) {
                if (!before.elements().isEmpty()) {
                    change.add(new TableOp.FlushSet(set.name()));
                }
            } else if (!set.verdicts()) {
                elements(set, before, change);
            }
        }
    }

    /** Large sets are filled in several steps, each small enough for one transaction. */
    private static List<TableOp> split(NftSet set) {
        List<TableOp> parts = new ArrayList<>();
        List<String> keys = set.elements().keySet().stream().sorted().toList();
        for (int from = 0; from < keys.size(); from += CHUNK) {
            Map<String, String> part = new HashMap<>();
            keys.subList(from, Math.min(keys.size(), from + CHUNK)).forEach(key -> part.put(key, NftSet.MEMBER));
            parts.add(new TableOp.AddElements(set.name(), part));
        }
        return parts;
    }

    /** Removals first: intervals may take each other's place. */
    private static void elements(NftSet wanted, NftSet observed, List<TableOp> change) {
        if (wanted.elements() == observed.elements() || wanted.elements().equals(observed.elements())) {
            return;
        }
        Map<String, String> gone = without(observed.elements(), wanted.elements());
        Map<String, String> come = without(wanted.elements(), observed.elements());
        if (!gone.isEmpty()) {
            change.add(new TableOp.DeleteElements(wanted.name(), gone));
        }
        if (!come.isEmpty()) {
            change.add(new TableOp.AddElements(wanted.name(), come));
        }
    }

    private static Map<String, String> without(Map<String, String> these, Map<String, String> those) {
        Map<String, String> rest = new HashMap<>();
        these.forEach((key, verdict) -> {
            if (!verdict.equals(those.get(key))) {
                rest.put(key, verdict);
            }
        });
        return rest;
    }

    /** Every chain first, because rules may lead to any; a base chain's rules last, because it puts all in force. */
    private static void chains(NftTable wanted, NftTable observed, List<TableOp> fresh, List<TableOp> change) {
        List<NftChain> chains = List.copyOf(new TreeMap<>(wanted.chains()).values());
        for (NftChain chain : chains) {
            if (!observed.chains().containsKey(chain.name()) && chain.hook().isEmpty()) {
                fresh.add(new TableOp.AddChain(chain.name(), ""));
            }
        }
        for (NftChain chain : chains) {
            NftChain before = observed.chains().get(chain.name());
            if (!chain.hook().isEmpty()) {
                continue;
            }
            if (before == null) {
                rules(chain, fresh);
            } else if (!before.rules().equals(chain.rules())) {
                change.add(new TableOp.FlushChain(chain.name()));
                rules(chain, change);
            }
        }
        for (NftChain chain : chains) {
            NftChain before = observed.chains().get(chain.name());
            if (chain.hook().isEmpty() || chain.equals(before)) {
                continue;
            }
            change.add(
                    before == null
                            ? new TableOp.AddChain(chain.name(), chain.hook())
                            : new TableOp.FlushChain(chain.name()));
            rules(chain, change);
        }
    }

    private static void rules(NftChain chain, List<TableOp> out) {
        if (!chain.rules().isEmpty()) {
            out.add(new TableOp.AddRules(chain.name(), chain.rules()));
        }
    }

    private static void verdicts(NftTable wanted, NftTable observed, List<TableOp> change) {
        for (NftSet map : new TreeMap<>(wanted.sets()).values()) {
            if (map.verdicts()) {
                NftSet before = observed.sets().get(map.name());
                elements(
                        map,
                        before == null ? new NftSet(map.name(), map.type(), true, map.interval(), Map.of()) : before,
                        change);
            }
        }
    }

    private static void remove(NftTable wanted, NftTable observed, List<TableOp> change) {
        TreeSet<String> chains = new TreeSet<>(observed.chains().keySet());
        chains.removeAll(wanted.chains().keySet());
        chains.forEach(name -> change.add(new TableOp.FlushChain(name)));
        for (NftSet set : new TreeMap<>(observed.sets()).values()) {
            if (!wanted.sets().containsKey(set.name())) {
                change.add(new TableOp.DeleteSet(set));
            }
        }
        chains.forEach(name -> change.add(new TableOp.DeleteChain(name)));
    }

    private static List<Transaction> transactions(List<TableOp> fresh, List<TableOp> change) {
        int weight = new Transaction(fresh).weight() + new Transaction(change).weight();
        List<Transaction> out = new ArrayList<>();
        List<TableOp> next = new ArrayList<>();
        int room = CHUNK;
        for (TableOp op : fresh) {
            if (weight > CHUNK && op.weight() > room && !next.isEmpty()) {
                out.add(new Transaction(next));
                next = new ArrayList<>();
                room = CHUNK;
            }
            next.add(op);
            room -= op.weight();
        }
        if (weight > CHUNK && !next.isEmpty()) {
            out.add(new Transaction(next));
            next = new ArrayList<>();
        }
        next.addAll(change);
        if (!next.isEmpty()) {
            out.add(new Transaction(next));
        }
        return out;
    }
}
