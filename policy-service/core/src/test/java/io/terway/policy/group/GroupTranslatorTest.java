package io.terway.policy.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import io.terway.policy.Objects;
import io.terway.policy.PolicyCluster;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guide's chain of groups, and what a group cannot say. */
class GroupTranslatorTest {

    private static final String PODS = """
            {kind: Pod, metadata: {name: dmz-1, namespace: p, labels: {app: dmz}, annotations: {k8s.aliyun.com/security-group: sg-dmz}}, status: {podIPs: [{ip: 10.0.1.0}]}}
            ---
            {kind: Pod, metadata: {name: dmz-2, namespace: p, labels: {app: dmz}, annotations: {k8s.aliyun.com/security-group: sg-dmz}}, status: {podIPs: [{ip: 10.0.1.1}]}}
            ---
            {kind: Pod, metadata: {name: app-1, namespace: p, labels: {app: app}, annotations: {k8s.aliyun.com/security-group: sg-app}}, spec: {containers: [{ports: [{name: web, containerPort: 8080}]}]}, status: {podIPs: [{ip: 10.0.2.1}]}}
            ---
            """;

    private static final String POLICY = """
            {kind: NetworkPolicy, metadata: {name: app, namespace: p, annotations: {network.terway.io/enforce: security-group}}, spec: {podSelector: {matchLabels: {app: app}}, %s}}
            """;

    @Test
    void aBasicGroupNamesTheGroupOfItsPeers() {
        assertEquals(
                List.of("ingress accept TCP 8080/8080 from sg-dmz priority 50"),
                rules(
                        GroupType.BASIC,
                        "ingress: [{from: [{podSelector: {matchLabels: {app: dmz}}}], ports: [{port: web}]}]"));
    }

    @Test
    void anEnterpriseGroupListsMergedBlocksAndLeavesTheOtherDirectionOpen() {
        assertEquals(
                List.of(
                        "egress accept ALL -1/-1 to 0.0.0.0/0 priority 100",
                        "egress accept ALL -1/-1 to ::/0 priority 100",
                        "ingress accept TCP 8080/8080 from 10.0.1.0/31 priority 50"),
                rules(
                        GroupType.ENTERPRISE,
                        "ingress: [{from: [{podSelector: {matchLabels: {app: dmz}}}], ports: [{port: 8080}]}]"));
    }

    @Test
    void aBasicGroupIsClosedOnEgressByADropBehindTheRules() {
        assertEquals(
                List.of(
                        "egress accept UDP 53/53 to 0.0.0.0/0 priority 50",
                        "egress accept UDP 53/53 to ::/0 priority 50",
                        "egress drop ALL -1/-1 to 0.0.0.0/0 priority 100",
                        "egress drop ALL -1/-1 to ::/0 priority 100",
                        "ingress accept ALL -1/-1 from 0.0.0.0/0 priority 100",
                        "ingress accept ALL -1/-1 from ::/0 priority 100"),
                rules(GroupType.BASIC, "policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]"));
    }

    @Test
    void aGroupWithOtherPodsIsNotNamed() {
        String other = """
                ---
                {kind: Pod, metadata: {name: stray, namespace: q, labels: {app: dmz}, annotations: {k8s.aliyun.com/security-group: sg-dmz}}, status: {podIPs: [{ip: 10.0.9.9}]}}
                """;

        assertEquals(
                List.of("ingress accept TCP 8080/8080 from 10.0.1.0/31 priority 50"),
                rules(
                        GroupType.BASIC,
                        "ingress: [{from: [{podSelector: {matchLabels: {app: dmz}}}], ports: [{port: 8080}]}]",
                        other));
    }

    @Test
    void aTierThatOnlyDeniesIsLeftToTheNodes() {
        String tier =
                "---\n{kind: ClusterNetworkPolicy, metadata: {name: t}, spec: {tier: Admin, priority: 1, subject: {namespaces: {}},"
                        + " ingress: [{action: %s, from: [{namespaces: {}}]}]}}\n";

        assertInstanceOf(
                Translation.Fits.class, translate(GroupType.BASIC, "ingress: [{}]", tier.formatted("Deny"), 200));
        refuses(
                "ClusterNetworkPolicy t may accept more than the policies do",
                "ingress: [{}]",
                tier.formatted("Accept"));
    }

    @Test
    void saysWhatDoesNotFit() {
        refuses("security groups know no SCTP", "ingress: [{ports: [{protocol: SCTP, port: 1}]}]", "");
        refuses(
                "pod p/extra has the group and is not bound by p/app",
                "ingress: [{}]",
                "---\n{kind: Pod, metadata: {name: extra, namespace: p, annotations: {k8s.aliyun.com/security-group: sg-app}}, status: {podIPs: [{ip: 10.0.2.9}]}}\n");
        refuses(
                "policy p/other binds its pods too and does not ask for security groups",
                "ingress: [{}]",
                "---\n{kind: NetworkPolicy, metadata: {name: other, namespace: p}, spec: {podSelector: {}}}\n");
        refuses(
                "it needs 5 rules, the quota leaves room for 3",
                "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.128.0.0/11]}}], ports: [{port: 1}]}]",
                "",
                3);
    }

    @Test
    void mergingKeepsTheAddresses() {
        List<Cidr> singles = Stream.of("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.5")
                .map(Cidr::parse)
                .toList();

        assertEquals(List.of(Cidr.parse("10.0.0.0/30"), Cidr.parse("10.0.0.5/32")), GroupPeers.merge(singles));
    }

    private static void refuses(String reason, String spec, String more) {
        refuses(reason, spec, more, 200);
    }

    private static void refuses(String reason, String spec, String more, int quota) {
        var refusal =
                assertInstanceOf(Translation.DoesNotFit.class, translate(GroupType.ENTERPRISE, spec, more, quota));
        assertTrue(
                refusal.reasons().stream().anyMatch(text -> text.contains(reason)),
                refusal.reasons().toString());
    }

    private static List<String> rules(GroupType type, String spec, String... more) {
        var fits = assertInstanceOf(Translation.Fits.class, translate(type, spec, String.join("", more), 200));
        return fits.rules().stream().map(GroupRule::toString).toList();
    }

    private static Translation translate(GroupType type, String spec, String more, int quota) {
        PolicyCluster cluster = Objects.cluster(Objects.yaml(PODS + POLICY.formatted(spec) + more));
        var translator = new GroupTranslator(cluster, type, quota);
        return translator.translate(translator.members(new SecurityGroupId("sg-app")));
    }
}
