package io.terway.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The points on which implementations of NetworkPolicy are known to differ, each by name. */
class EvaluatorTest {

    private static final NodeName NODE = new NodeName("n1");
    private static final PolicyPod WEB = pod("a/web", "10.0.1.1", Map.of("app", "web"));
    private static final PolicyPod DB = pod("a/db", "10.0.1.2", Map.of("app", "db"), 5432);
    private static final PolicyPod OTHER = pod("b/web", "10.0.1.3", Map.of("app", "web"));

    @Test
    void anUnselectedPodIsNotIsolated() {
        assertEquals(
                Verdict.Reason.NOT_ISOLATED,
                ingress(policies(), OTHER, DB, 5432).reason());
    }

    @Test
    void aPolicyWithoutRulesDenies() {
        assertEquals(
                Verdict.Reason.ISOLATED_NO_RULE,
                ingress(policies(onIngress(List.of())), WEB, DB, 5432).reason());
    }

    @Test
    void oneEmptyRuleAllowsAll() {
        assertEquals(
                Verdict.Reason.RULE,
                ingress(policies(onIngress(List.of(new PolicyRule(List.of(), List.of())))), OTHER, DB, 1)
                        .reason());
    }

    @Test
    void aPodSelectorAloneMeansThePolicysOwnNamespace() {
        var rule = new PolicyRule(
                List.of(new Peer.Pods(Optional.empty(), new Selector(Map.of("app", "web"), List.of()))), List.of());

        assertEquals(
                Verdict.Reason.RULE,
                ingress(policies(onIngress(List.of(rule))), WEB, DB, 1).reason());
        assertEquals(
                Verdict.Reason.ISOLATED_NO_RULE,
                ingress(policies(onIngress(List.of(rule))), OTHER, DB, 1).reason());
    }

    @Test
    void theNameLabelOfANamespaceIsImplied() {
        var named = new Selector(
                Map.of(), List.of(new Selector.Requirement.In("kubernetes.io/metadata.name", Set.of("b"))));
        var rule = new PolicyRule(List.of(new Peer.Pods(Optional.of(named), Selector.ALL)), List.of());

        assertEquals(
                Verdict.Reason.RULE,
                ingress(policies(onIngress(List.of(rule))), OTHER, DB, 1).reason());
        assertEquals(
                Verdict.Reason.ISOLATED_NO_RULE,
                ingress(policies(onIngress(List.of(rule))), WEB, DB, 1).reason());
    }

    @Test
    void aNamedPortIsTheDestinationsAlsoForAnAddressBlock() {
        var rule = new PolicyRule(
                List.of(new Peer.Block(Cidr.parse("10.0.0.0/16"), List.of())),
                List.of(new PortMatch.Named(Protocol.TCP, "main")));

        assertEquals(
                Verdict.Reason.RULE,
                ingress(policies(onIngress(List.of(rule))), WEB, DB, 5432).reason());
        assertEquals(
                Verdict.Reason.ISOLATED_NO_RULE,
                ingress(policies(onIngress(List.of(rule))), WEB, DB, 5433).reason());
    }

    @Test
    void anExceptNarrowsOnlyItsOwnBlock() {
        var holed = new Peer.Block(Cidr.parse("10.0.0.0/16"), List.of(Cidr.parse("10.0.1.0/24")));
        var again = new Peer.Block(Cidr.parse("10.0.1.1/32"), List.of());

        assertEquals(
                Verdict.Reason.ISOLATED_NO_RULE,
                ingress(policies(onIngress(List.of(new PolicyRule(List.of(holed), List.of())))), WEB, DB, 1)
                        .reason());
        assertEquals(
                Verdict.Reason.RULE,
                ingress(policies(onIngress(List.of(new PolicyRule(List.of(holed, again), List.of())))), WEB, DB, 1)
                        .reason());
    }

    @Test
    void thePodsOwnNodeAlwaysPassesAndItselfToo() {
        var judge = new Evaluator(cluster(onIngress(List.of())));

        assertEquals(
                Verdict.Reason.OWN_NODE,
                judge.judge(probe("10.0.0.1", "10.0.1.2", 1)).ingress().reason());
        assertEquals(
                Verdict.Reason.SELF,
                judge.judge(probe("10.0.1.2", "10.0.1.2", 1)).ingress().reason());
        assertEquals(
                Verdict.Reason.ISOLATED_NO_RULE,
                judge.judge(probe("10.0.0.2", "10.0.1.2", 1)).ingress().reason());
    }

    @Test
    void aFinishedPodIsNobody() {
        var done = new PolicyPod(
                DB.ref(),
                "done",
                DB.labels(),
                Optional.of(NODE),
                List.of(Ip.parse("10.0.1.9")),
                false,
                true,
                List.of());
        var cluster =
                new PolicyCluster(Map.of(), List.of(WEB, done), List.of(onIngress(List.of())), Map.of(NODE, List.of()));

        Verdict verdict = new Evaluator(cluster).judge(probe("10.0.1.1", "10.0.1.9", 1));

        assertEquals(Verdict.Reason.NOT_A_POLICY_SUBJECT, verdict.ingress().reason());
    }

    @Test
    void refusesWhatTheApiWouldRefuse() {
        assertThrows(IllegalArgumentException.class, () -> new PortMatch.Range(Protocol.TCP, 81, 80));
        assertThrows(IllegalArgumentException.class, () -> new PortMatch.Named(Protocol.TCP, "80"));
        assertThrows(IllegalArgumentException.class, () -> new PortMatch.Named(Protocol.TCP, "a--b"));
        Cidr block = Cidr.parse("10.0.0.0/16");
        assertThrows(IllegalArgumentException.class, () -> new Peer.Block(block, List.of(block)));
        assertThrows(IllegalArgumentException.class, () -> new Selector.Requirement.In("k", Set.of()));
    }

    private static Verdict.Side ingress(List<NetworkPolicy> policies, PolicyPod from, PolicyPod to, int port) {
        var judge = new Evaluator(cluster(policies.toArray(NetworkPolicy[]::new)));
        return judge.judge(new Probe(from.ips().getFirst(), to.ips().getFirst(), Protocol.TCP, port))
                .ingress();
    }

    private static PolicyCluster cluster(NetworkPolicy... policies) {
        return new PolicyCluster(
                Map.of("a", Map.of(), "b", Map.of()),
                List.of(WEB, DB, OTHER),
                List.of(policies),
                Map.of(NODE, List.of(Ip.parse("10.0.0.1")), new NodeName("n2"), List.of(Ip.parse("10.0.0.2"))));
    }

    private static List<NetworkPolicy> policies(NetworkPolicy... policies) {
        return List.of(policies);
    }

    private static NetworkPolicy onIngress(List<PolicyRule> rules) {
        return new NetworkPolicy(
                new PolicyId("a", "p"),
                new Selector(Map.of("app", "db"), List.of()),
                Optional.of(rules),
                Optional.empty());
    }

    private static Probe probe(String from, String to, int port) {
        return new Probe(Ip.parse(from), Ip.parse(to), Protocol.TCP, port);
    }

    private static PolicyPod pod(String name, String ip, Map<String, String> labels, int... ports) {
        return new PolicyPod(
                PodRef.parse(name),
                name,
                labels,
                Optional.of(NODE),
                List.of(Ip.parse(ip)),
                false,
                false,
                java.util.Arrays.stream(ports)
                        .mapToObj(port -> new PolicyPod.NamedPort("main", Protocol.TCP, port))
                        .toList());
    }
}
