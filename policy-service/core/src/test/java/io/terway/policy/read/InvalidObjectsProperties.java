package io.terway.policy.read;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.policy.Direction;
import io.terway.policy.Evaluator;
import io.terway.policy.Generated;
import io.terway.policy.GeneratedPolicies;
import io.terway.policy.Objects;
import io.terway.policy.PolicyCluster;
import io.terway.policy.Probe;
import io.terway.policy.Verdict;
import io.terway.policy.compile.CompiledJudge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One part of one policy turned into nonsense: it is named, opens nothing, and the other policies stay as they are. */
class InvalidObjectsProperties {

    private static final int CLUSTERS = 1_500 * Integer.getInteger("test.scale", 1);
    private static final int PROBES = 25;

    private static final List<Object> NONSENSE = List.of(
            5,
            -1,
            70_000,
            1.5,
            Long.MAX_VALUE,
            true,
            "",
            "a b",
            "a\u0000b",
            "10.0.0.0/40",
            "é",
            "x".repeat(300),
            List.of(List.of()),
            List.of(7),
            List.of("a"),
            Map.of("nonsense", Map.of("a", 1)),
            Map.of("a", List.of()));

    private int named;
    private int refused;
    private int closed;

    @Test
    void nonsenseIsNamedAndOpensNothing() {
        for (int seed = 0; seed < CLUSTERS; seed++) {
            corrupt(seed);
        }
        // Nonsense that nobody notices would prove nothing.
        assertTrue(named > CLUSTERS / 3, "named " + named);
        assertTrue(refused > CLUSTERS / 20, "refused " + refused);
        assertTrue(closed > CLUSTERS / 20, "closed " + closed);
    }

    private void corrupt(int seed) {
        Random random = new Random(7_000_000L + seed);
        Generated generated = new Generated(random);
        List<Map<String, Object>> others = generated.objects();
        Map<String, Object> policy = new GeneratedPolicies(random).any(90);
        Map<String, Object> odd = Objects.tree(copy(policy));
        List<String> path = new ArrayList<>(List.of("spec"));
        odd.put("spec", nonsense(odd.get("spec"), random, path));

        ReadPolicy before = Objects.policy(policy);
        ReadPolicy after = Objects.policy(odd); // whatever it is, it does not throw
        PolicyCluster alone = Objects.cluster(others);
        PolicyCluster whole = Objects.cluster(with(others, policy));
        PolicyCluster corrupted = Objects.cluster(with(others, odd));
        Set<Object> rest = new HashSet<>(corrupted.policies());
        after.policy().ifPresent(rest::remove);
        assertTrue(rest.containsAll(alone.policies()), () -> "others changed, seed " + seed);

        Set<String> fresh = new HashSet<>(after.faults());
        before.faults().forEach(fresh::remove);
        if (fresh.isEmpty() || path.contains("tier") || path.contains("priority")) {
            return; // another valid policy; or one of which nobody knows which others it precedes
        }
        named++;
        assertTrue(fresh.stream().allMatch(fault -> fault.startsWith("spec")), () -> fresh + ", seed " + seed);
        if (after.policy().isEmpty()) {
            refused++;
            return;
        }
        Evaluator meant = new Evaluator(whole);
        Evaluator left = new Evaluator(corrupted);
        CompiledJudge compiled = new CompiledJudge(corrupted);
        for (int i = 0; i < PROBES; i++) {
            Probe probe = generated.probe();
            Verdict was = meant.judge(probe);
            Verdict is = left.judge(probe);
            String where = "seed " + seed + ", " + path + " of " + odd + ", " + probe + ": " + was + " became " + is;
            compare(was.ingress(), is.ingress(), where);
            compare(was.egress(), is.egress(), where);
            // The compiler may let pass what no node holds, never the other way round.
            assertTrue(
                    compiled.allows(Direction.INGRESS, probe) || !is.ingress().allowed(), where);
            assertTrue(compiled.allows(Direction.EGRESS, probe) || !is.egress().allowed(), where);
            closed += was.allowed() && !is.allowed() ? 1 : 0;
        }
    }

    private static void compare(Verdict.Side was, Verdict.Side is, String where) {
        assertTrue(was.allowed() || !is.allowed(), where);
        if (is.allowed() && is.reason() == Verdict.Reason.RULE && !was.l7().isEmpty()) {
            assertFalse(is.l7().isEmpty(), where);
        }
    }

    private static List<Map<String, Object>> with(List<Map<String, Object>> others, Map<String, Object> policy) {
        List<Map<String, Object>> all = new ArrayList<>(others);
        all.add(policy);
        return all;
    }

    /** A value with one part of it, or itself unless it is the whole spec, replaced; the way there is added to the path. */
    private static Object nonsense(Object value, Random random, List<String> path) {
        if (value instanceof Map<?, ?> map && !map.isEmpty() && (path.size() == 1 || random.nextInt(6) > 0)) {
            Map<String, Object> out = new HashMap<>(Objects.tree(map));
            List<String> keys = out.keySet().stream().sorted().toList();
            String key = keys.get(random.nextInt(keys.size()));
            path.add(key);
            out.put(key, nonsense(out.get(key), random, path));
            return out;
        }
        if (value instanceof List<?> list && !list.isEmpty() && random.nextInt(6) > 0) {
            List<Object> out = new ArrayList<>(list);
            int at = random.nextInt(out.size());
            path.add(String.valueOf(at));
            out.set(at, nonsense(out.get(at), random, path));
            return out;
        }
        return NONSENSE.get(random.nextInt(NONSENSE.size()));
    }

    private static Object copy(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> out = new HashMap<>();
            map.forEach((key, member) -> out.put((String) key, copy(member)));
            return out;
        }
        return value instanceof List<?> list
                ? new ArrayList<>(
                        list.stream().map(InvalidObjectsProperties::copy).toList())
                : value;
    }
}
