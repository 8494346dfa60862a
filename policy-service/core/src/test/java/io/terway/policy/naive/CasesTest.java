package io.terway.policy.naive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.policy.Direction;
import io.terway.policy.Evaluator;
import io.terway.policy.Generated;
import io.terway.policy.Objects;
import io.terway.policy.PolicyPod;
import io.terway.policy.Probe;
import io.terway.policy.Protocol;
import io.terway.policy.Verdict;
import io.terway.policy.compile.CompiledJudge;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** Contested points by name: evaluator, compiler and a third opinion agree, and every way of being wrong is found. */
class CasesTest {

    private static final int CLUSTERS = 100 * Integer.getInteger("test.scale", 1);
    private static final int PROBES = 60;

    /** One case of the table. */
    record Case(String name, List<Map<String, Object>> objects, List<Asked> probes, Set<Wrong> kills) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** One side of one probe, and what it must say. */
    record Asked(Direction direction, Probe probe, NaiveJudge.Side expected) {}

    @ParameterizedTest
    @MethodSource("cases")
    void theEvaluatorSaysSo(Case each) {
        var evaluator = new Evaluator(Objects.cluster(each.objects()));
        for (Asked asked : each.probes()) {
            assertEquals(asked.expected(), side(evaluator.judge(asked.probe()), asked.direction()), asked::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theCompilerSaysSo(Case each) {
        var compiled = new CompiledJudge(Objects.cluster(each.objects()));
        for (Asked asked : each.probes()) {
            assertEquals(
                    asked.expected().allowed(), compiled.allows(asked.direction(), asked.probe()), asked::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyWrongWayItNamesIsFound(Case each) {
        assertEquals(List.of(), differences(each, Set.of()), "the third opinion agrees");
        for (Wrong wrong : each.kills()) {
            assertNotEquals(List.of(), differences(each, EnumSet.of(wrong)), () -> wrong + " survives");
        }
    }

    @Test
    void everyWrongWayIsFoundByACase() throws IOException {
        Set<Wrong> found = EnumSet.noneOf(Wrong.class);
        cases().forEach(each -> found.addAll(each.kills()));
        Set<Wrong> missed = EnumSet.complementOf(EnumSet.copyOf(found));
        assertEquals(Set.of(), missed);
    }

    @Test
    void theThirdOpinionAgreesOnGeneratedClusters() {
        for (int seed = 0; seed < CLUSTERS; seed++) {
            var generated = new Generated(new Random(1_000_000L + seed));
            List<Map<String, Object>> objects = generated.objects();
            var evaluator = new Evaluator(Objects.cluster(objects));
            var naive = new NaiveJudge(objects, Set.of());
            for (int i = 0; i < PROBES; i++) {
                Probe probe = generated.probe();
                for (Direction direction : Direction.values()) {
                    assertEquals(
                            naive.judge(direction, probe),
                            side(evaluator.judge(probe), direction),
                            () -> direction + " of " + probe + " in " + objects);
                }
            }
        }
    }

    static List<Case> cases() throws IOException {
        List<Map<String, Object>> cluster = Objects.yaml(text("cluster.yaml"));
        List<PolicyPod> pods = Objects.cluster(cluster).pods();
        List<Case> out = new ArrayList<>();
        for (Object each : (List<?>) new Yaml().load(text("cases.yaml"))) {
            Map<String, Object> entry = Objects.tree(each);
            List<Map<String, Object>> objects = new ArrayList<>(cluster);
            ((List<?>) entry.get("policies")).forEach(policy -> objects.add(policy(Objects.tree(policy))));
            List<Asked> probes = new ArrayList<>();
            ((List<?>) entry.get("probes")).forEach(probe -> probes.addAll(asked(pods, Objects.tree(probe))));
            Set<Wrong> kills = EnumSet.noneOf(Wrong.class);
            ((List<?>) entry.get("kills")).forEach(name -> kills.add(Wrong.valueOf((String) name)));
            out.add(new Case((String) entry.get("name"), objects, probes, kills));
        }
        return out;
    }

    private static List<Asked> differences(Case each, Set<Wrong> wrong) {
        var judge = new NaiveJudge(each.objects(), wrong);
        return each.probes().stream()
                .filter(asked -> !asked.expected().equals(judge.judge(asked.direction(), asked.probe())))
                .toList();
    }

    private static NaiveJudge.Side side(Verdict verdict, Direction direction) {
        Verdict.Side side = direction == Direction.INGRESS ? verdict.ingress() : verdict.egress();
        String reason = side.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new NaiveJudge.Side(side.allowed(), reason, !side.l7().isEmpty());
    }

    private static Map<String, Object> policy(Map<String, Object> entry) {
        Map<String, String> kinds =
                Map.of("np", "NetworkPolicy", "cilium", "CiliumNetworkPolicy", "cnp", "ClusterNetworkPolicy");
        String key =
                kinds.keySet().stream().filter(entry::containsKey).findFirst().orElse("np");
        String[] name = ((String) entry.getOrDefault(key, "a/p")).split("/");
        return Objects.map(
                "kind", kinds.get(key),
                "metadata",
                        name.length == 1
                                ? Objects.map("name", name[0])
                                : Objects.map("namespace", name[0], "name", name[1]),
                "spec", entry.get("spec"));
    }

    private static List<Asked> asked(List<PolicyPod> pods, Map<String, Object> entry) {
        String[] words = ((String) entry.get("ask")).split(" ");
        Family family = words.length == 6 ? Family.IPV6 : Family.IPV4;
        var probe = new Probe(
                end(pods, words[0], family),
                end(pods, words[2], family),
                Protocol.valueOf(words[3]),
                Integer.parseInt(words[4]));
        List<Asked> out = new ArrayList<>();
        if (entry.get("in") instanceof String in) {
            out.add(new Asked(Direction.INGRESS, probe, expected(in)));
        }
        if (entry.get("out") instanceof String egress) {
            out.add(new Asked(Direction.EGRESS, probe, expected(egress)));
        }
        return out;
    }

    private static NaiveJudge.Side expected(String text) {
        String[] words = text.split(" ");
        return new NaiveJudge.Side(words[0].equals("allow"), words[1], words.length == 3);
    }

    private static Ip end(List<PolicyPod> pods, String text, Family family) {
        if (text.indexOf('/') < 0) {
            return Ip.parse(text);
        }
        return pods.stream()
                .filter(pod -> pod.ref().toString().equals(text))
                .flatMap(pod -> pod.ips().stream())
                .filter(ip -> ip.family() == family)
                .findFirst()
                .orElseThrow();
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = CasesTest.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
