package io.terway.node.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Laws of the planner, on generated policies and a model of the kernel that refuses what the kernel refuses. */
class TablePlannerProperties {

    private static final int RUNS = 300;

    private static final List<Ip> ADDRESSES = Stream.concat(
                    IntStream.range(1, 9).mapToObj(i -> Ip.parse("10.0.0." + i)),
                    IntStream.range(1, 9).mapToObj(i -> Ip.parse("fd00::" + i)))
            .toList();

    @Test
    void planningOnTheResultOfAPlanGivesNothing() {
        for (int seed = 0; seed < RUNS; seed++) {
            NftTable wanted = table(seed);
            KernelTable kernel = KernelTable.of(table(seed + 1));

            kernel.run(TablePlanner.plan(wanted, kernel.table()));

            assertEquals(wanted, kernel.table(), "seed " + seed);
            assertEquals(List.of(), TablePlanner.plan(wanted, kernel.table()), "seed " + seed);
        }
    }

    @Test
    void aTableThatWasTamperedWithIsMended() {
        for (int seed = 0; seed < RUNS; seed++) {
            NftTable wanted = table(seed);
            KernelTable kernel = KernelTable.of(tampered(wanted, new Random(seed)));

            kernel.run(TablePlanner.plan(wanted, kernel.table()));

            assertEquals(wanted, kernel.table(), "seed " + seed);
        }
    }

    @Test
    void aChangeOfAFewElementsIsOneTransactionThatNamesOnlyThem() {
        Set<Ip> many = IntStream.range(0, 20_000)
                .mapToObj(i -> Ip.parse("10.0.0.0").plus(i))
                .collect(Collectors.toSet());
        PolicySet.Addresses before = new PolicySet.Addresses("a0", many);
        PolicySet.Addresses after =
                before.with(Set.of(Ip.parse("11.0.0.1"), Ip.parse("11.0.0.2")), Set.of(Ip.parse("10.0.0.7")));
        PolicyTable writer = new PolicyTable(DenialLog.SILENT, TablePlace.NODE);
        NftTable observed = writer.of(Policies.ingressFrom(before));

        List<Transaction> plan = TablePlanner.plan(writer.of(Policies.ingressFrom(after)), observed);

        assertEquals(1, plan.size());
        assertEquals("""
                delete element inet terway s_a0_4 { 10.0.0.7 }
                add element inet terway s_a0_4 { 11.0.0.1, 11.0.0.2 }
                """, plan.getFirst().text());
    }

    @Test
    void aColdStartComesInChunksAndPutsPodsInForceLast() {
        Set<Ip> many = IntStream.range(0, 120_000)
                .mapToObj(i -> Ip.parse("10.0.0.0").plus(i))
                .collect(Collectors.toSet());
        NftTable wanted = new PolicyTable(DenialLog.SILENT, TablePlace.NODE)
                .of(Policies.ingressFrom(new PolicySet.Addresses("a0", many)));

        List<Transaction> plan = TablePlanner.plan(wanted, NftTable.ABSENT);

        assertTrue(plan.size() > 10, plan.size() + " transactions");
        assertTrue(plan.stream().allMatch(t -> t.weight() <= TablePlanner.CHUNK + 100));
        // Closed until the last one.
        assertTrue(plan.getFirst().text().contains("10.0.0.1 : goto denied_ingress"));
        assertTrue(plan.getLast().text().contains("10.0.0.1 : jump p_b0"));
    }

    private static NftTable table(int seed) {
        Random random = new Random(seed);
        return new PolicyTable(new DenialLog(5, 10), TablePlace.NODE)
                .of(GeneratedPolicy.of(random, ADDRESSES, random.nextInt(5)));
    }

    /** As people and scripts leave it: chains flushed, sets emptied, strange ones added, or everything gone. */
    private static NftTable tampered(NftTable table, Random random) {
        if (random.nextInt(4) == 0) {
            return NftTable.ABSENT;
        }
        Map<String, NftChain> chains = new HashMap<>();
        for (NftChain chain : table.chains().values()) {
            List<NftRule> rules = new ArrayList<>(chain.rules());
            if (random.nextInt(3) == 0 && !rules.isEmpty()) {
                rules.remove(random.nextInt(rules.size()));
            }
            if (random.nextInt(5) == 0) {
                rules.addFirst(NftRule.observed(""));
            }
            chains.put(chain.name(), new NftChain(chain.name(), chain.hook(), rules));
        }
        chains.put("strange", new NftChain("strange", "", List.of()));
        Map<String, NftSet> sets = new HashMap<>(table.sets());
        for (String name : new HashSet<>(sets.keySet())) {
            if (random.nextInt(3) == 0) {
                NftSet set = sets.get(name);
                Map<String, String> left = set.learned() ? Map.of("strange", NftSet.MEMBER) : Map.of();
                sets.put(name, new NftSet(name, set.type(), set.verdicts(), set.interval(), set.learned(), left));
            }
        }
        return new NftTable(sets, chains);
    }
}
