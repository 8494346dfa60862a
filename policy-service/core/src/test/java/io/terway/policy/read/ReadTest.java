package io.terway.policy.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.policy.ClusterPolicy;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Objects;
import io.terway.policy.Peer;
import io.terway.policy.PolicyId;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is taken, what is refused, and how it is said. */
class ReadTest {

    @Test
    void theRuleKeepsItsPlaceInTheListWhenOneBeforeItIsUnreadable() {
        ReadPolicy read = network("{podSelector: {}, ingress: [{form: []}, {}]}");

        assertEquals(1, rules(read).getFirst().index());
        assertEquals(List.of("spec.ingress[0].form: this field is not supported"), read.faults());
    }

    @Test
    void aReadablePeerSurvivesItsUnreadableNeighbour() {
        ReadPolicy read = network("{podSelector: {}, ingress: [{from: [{}, {podSelector: {}}]}]}");

        assertEquals(1, rules(read).getFirst().peers().size());
        assertEquals(1, read.faults().size());
    }

    @Test
    void readsPortsWithTheirDefaults() {
        ReadPolicy read = network(
                "{podSelector: {}, ingress: [{ports: [{}, {port: 80, endPort: 90, protocol: UDP}, {port: web}]}]}");

        assertEquals(
                List.of(
                        new PortMatch.Every(Protocol.TCP),
                        new PortMatch.Range(Protocol.UDP, 80, 90),
                        new PortMatch.Named(Protocol.TCP, "web")),
                rules(read).getFirst().ports());
    }

    @Test
    void leadingZerosOfAStoredBlockAreDecimal() {
        ReadPolicy read = network("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 010.0.0.0/8}}]}]}");

        assertEquals(
                List.of(new Peer.Block(Cidr.parse("10.0.0.0/8"), List.of())),
                rules(read).getFirst().peers());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{podSelector: {matchLabels: {app: 1}}}|spec.podSelector.matchLabels.app: '1' is not a text",
                "{podSelector: {matchLabels: {a b: c}}}|'a b' is not a label key",
                "{podSelector: {matchLabels: {a: 'b c'}}}|'b c' is not a label value",
                "{podSelector: {matchLabel: {a: b}}}|spec.podSelector.matchLabel: this field is not supported",
                "{podSelector: {matchExpressions: [{key: a, operator: Near}]}}|'Near' is none of",
                "{podSelector: {matchExpressions: [{key: a, operator: In}]}}|needs at least one value",
                "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}|takes no values",
                "{podSelector: [a]}|spec.podSelector: a list is not an object",
            })
    void aSubjectThatCannotBeReadRefusesThePolicy(String spec, String complaint) {
        ReadPolicy read = network(spec);

        assertTrue(read.policy().isEmpty());
        assertTrue(read.complaint().contains(complaint), read.complaint());
        assertTrue(read.complaint().endsWith("the policy is refused and selects nobody"), read.complaint());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "from: [{ipBlock: {cidr: 10.0.0.1}}]|ipBlock.cidr: '10.0.0.1' is not address/prefix-length",
                "from: [{ipBlock: {cidr: 10.0.0.0/33}}]|prefix length 33",
                "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]|not a strict subset",
                "from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]|not a strict subset",
                "from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]|use two peers",
                "from: [{podSelector: null}]|names no peer",
                "ports: [{port: 0}]|port 0 is not in 1..65535",
                "ports: [{port: 65536}]|port 65536",
                "ports: [{port: 18446744073709551696}]|'18446744073709551696' is not a whole number",
                "ports: [{port: 80, endPort: 79}]|endPort 79 is below port 80",
                "ports: [{port: http, endPort: 90}]|endPort: needs a numeric port",
                "ports: [{endPort: 90}]|endPort: needs a port",
                "ports: [{port: '80'}]|port name '80'",
                "ports: [{port: a--b}]|port name 'a--b'",
                "ports: [{port: 80, protocol: tcp}]|'tcp' is none of TCP, UDP, SCTP",
                "ports: [{port: 80.5}]|'80.5' is not a whole number",
            })
    void anUnreadablePartOfARuleAllowsNothing(String part, String complaint) {
        ReadPolicy read = network("{podSelector: {}, ingress: [{" + part + "}]}");

        assertTrue(read.complaint().contains(complaint), read.complaint());
        assertTrue(
                rules(read).isEmpty()
                        || rules(read).getFirst().peers().isEmpty()
                        || rules(read).getFirst().ports().isEmpty(),
                rules(read).toString());
    }

    @Test
    void anUnknownTypeIsolatesBothDirectionsAndOpensNeither() {
        NetworkPolicy policy = (NetworkPolicy)
                network("{podSelector: {}, policyTypes: [Ingress, egress], ingress: [{}], egress: [{}]}")
                        .policy()
                        .orElseThrow();

        assertEquals(1, policy.ingress().orElseThrow().size());
        assertEquals(List.of(), policy.egress().orElseThrow());
    }

    @Test
    void onlyTwentyFaultsOfOnePolicyAreNamed() {
        String peers = "{}, ".repeat(30);

        ReadPolicy read = network("{podSelector: {}, ingress: [{from: [" + peers + "]}]}");

        assertEquals(21, read.faults().size());
        assertEquals("and 10 more", read.faults().getLast());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 5, end: 5}}}}]}|ACCEPT|0",
                "{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 0}}}]}|DENY|1",
                "{action: Pass, from: []}|DENY|1",
                "{action: Drop, from: [{namespaces: {}}]}|DENY|1",
                "{action: Deny, from: [{namespaces: {}, pods: {}}]}|DENY|1",
                "{action: Deny, from: [{networks: [10.0.0.0/8]}]}|DENY|1",
                "{action: Accept, from: [{pods: {namespaceSelector: {}}}]}|ACCEPT|0",
            })
    void anUnreadableTierRuleFailsClosed(String rule, ClusterPolicy.Action action, int rules) {
        ReadPolicy read = read(
                "ClusterNetworkPolicy",
                "{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [" + rule + "]}");

        ClusterPolicy policy = (ClusterPolicy) read.policy().orElseThrow();
        assertFalse(read.faults().isEmpty());
        assertEquals(rules, policy.ingress().size());
        policy.ingress().forEach(denied -> {
            assertEquals(action, denied.action());
            assertEquals(List.of(new Peer.Everybody()), denied.peers());
            assertEquals(List.of(new PortMatch.Any()), denied.ports());
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "ingress: [{fromRequires: [{}]}]|spec.ingress[0].fromRequires: this field is not supported",
                "ingress: [{fromEntities: [kube-apiserver]}]|'kube-apiserver' is not supported",
                "ingress: [{fromEndpoints: [{matchLabels: {'reserved:host': ''}}]}]|labels of source 'reserved'",
                "ingress: [{toPorts: [{ports: [{port: '80', protocol: UDP}], rules: {http: [{}]}}]}]|HTTP rules need TCP",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {dns: [{}]}}]}]|rules.dns: this field is not supported",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{path: '('}]}}]}]|path: pattern '('",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{path: '(?i)a'}]}}]}]|no POSIX extended",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{headerMatches: [{}]}]}}]}]|headerMatches: this field",
                "egress: [{toServices: [{}]}]|spec.egress[0].toServices: this field is not supported",
                "egress: [{icmps: [{}]}]|icmps: this field is not supported",
                "enableDefaultDeny: {ingress: false}|spec.enableDefaultDeny: this field is not supported",
            })
    void aCiliumFieldBeyondTheSupportedOnesIsNamed(String part, String complaint) {
        ReadPolicy read = read("CiliumNetworkPolicy", "{endpointSelector: {}, " + part + "}");

        assertTrue(read.policy().isPresent());
        assertTrue(read.complaint().contains(complaint), read.complaint());
        NetworkPolicy policy = (NetworkPolicy) read.policy().orElseThrow();
        policy.ingress()
                .orElse(List.of())
                .forEach(rule ->
                        assertTrue(rule.peers().isEmpty() || rule.ports().isEmpty(), rule.toString()));
    }

    /** All that Cilium's schema (v2) has and we do not, each at its place. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "log: {value: a}|spec.log",
                "nodeSelector: {}|spec.nodeSelector",
                "enableDefaultDeny: {ingress: true}|spec.enableDefaultDeny",
                "ingressDeny: [{}]|spec.ingressDeny",
                "egressDeny: [{}]|spec.egressDeny",
                "ingress: [{fromRequires: [{}], fromEndpoints: [{}]}]|spec.ingress[0].fromRequires",
                "ingress: [{fromNodes: [{}], fromEndpoints: [{}]}]|spec.ingress[0].fromNodes",
                "ingress: [{fromGroups: [{}], fromEndpoints: [{}]}]|spec.ingress[0].fromGroups",
                "ingress: [{icmps: [{}], fromEndpoints: [{}]}]|spec.ingress[0].icmps",
                "ingress: [{authentication: {mode: required}, fromEndpoints: [{}]}]|spec.ingress[0].authentication",
                "ingress: [{fromCIDRSet: [{cidrGroupRef: g}]}]|spec.ingress[0].fromCIDRSet[0].cidrGroupRef",
                "ingress: [{fromCIDRSet: [{cidrGroupSelector: {}}]}]|spec.ingress[0].fromCIDRSet[0].cidrGroupSelector",
                "egress: [{toRequires: [{}], toEndpoints: [{}]}]|spec.egress[0].toRequires",
                "egress: [{toServices: [{}], toEndpoints: [{}]}]|spec.egress[0].toServices",
                "egress: [{toFQDNs: [{}], toEndpoints: [{}]}]|spec.egress[0].toFQDNs",
                "egress: [{toNodes: [{}], toEndpoints: [{}]}]|spec.egress[0].toNodes",
                "egress: [{toGroups: [{}], toEndpoints: [{}]}]|spec.egress[0].toGroups",
                "egress: [{icmps: [{}], toEndpoints: [{}]}]|spec.egress[0].icmps",
                "egress: [{authentication: {mode: required}, toEndpoints: [{}]}]|spec.egress[0].authentication",
                "ingress: [{toPorts: [{ports: [{port: '80'}], listener: {}}]}]|spec.ingress[0].toPorts[0].listener",
                "ingress: [{toPorts: [{ports: [{port: '80'}], terminatingTLS: {}}]}]|spec.ingress[0].toPorts[0].terminatingTLS",
                "ingress: [{toPorts: [{ports: [{port: '80'}], originatingTLS: {}}]}]|spec.ingress[0].toPorts[0].originatingTLS",
                "ingress: [{toPorts: [{ports: [{port: '80'}], serverNames: [a]}]}]|spec.ingress[0].toPorts[0].serverNames",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {kafka: [{}]}}]}]|spec.ingress[0].toPorts[0].rules.kafka",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {dns: [{}]}}]}]|spec.ingress[0].toPorts[0].rules.dns",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {l7proto: a, l7: [{}]}}]}]|spec.ingress[0].toPorts[0].rules.l7",
                "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: [{headerMatches: [{}]}]}}]}]"
                        + "|spec.ingress[0].toPorts[0].rules.http[0].headerMatches",
            })
    void everyOtherFieldOfCiliumsSchemaIsRefusedByItsName(String part, String field) {
        ReadPolicy read = read("CiliumNetworkPolicy", "{endpointSelector: {}, " + part + "}");

        assertTrue(read.complaint().contains(field), read.complaint());
        NetworkPolicy policy = (NetworkPolicy) read.policy().orElseThrow();
        Stream.of(policy.ingress(), policy.egress())
                .flatMap(rules -> rules.orElse(List.of()).stream())
                .forEach(rule ->
                        assertTrue(rule.peers().isEmpty() || rule.ports().isEmpty(), rule.toString()));
    }

    @Test
    void theGuidesHttpExampleIsTakenWhole() {
        ReadPolicy read = read("CiliumNetworkPolicy", """
                {endpointSelector: {matchLabels: {app: api-gateway}}, ingress: [{fromEndpoints: [{matchLabels: {app: frontend}}],
                toPorts: [{ports: [{port: "8080", protocol: TCP}], rules: {http: [{method: "GET", path: "/api/v1/.*"},
                {method: "POST", path: "/api/v1/orders", headers: ['Content-Type: application/json']}]}}]}]}""");

        assertEquals(List.of(), read.faults());
        var http = rules(read).getFirst().http();
        assertEquals("/api/v1/.*", http.getFirst().path());
        assertEquals("Content-Type", http.get(1).headers().getFirst().name());
        assertEquals("application/json", http.get(1).headers().getFirst().value());
    }

    @Test
    void aPodWithoutAddressesIsReadAndHasNone() {
        var pod = ObjectReader.pod(Field.root(Objects.yaml("""
                {kind: Pod, metadata: {name: p, annotations: {k8s.aliyun.com/security-groups: "sg-1, sg-2"}}, spec: {}, status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}}
                """).getFirst()));

        assertEquals(List.of(Ip.parse("10.0.0.1"), Ip.parse("fd00::1")), pod.ips());
        assertEquals("default/p", pod.ref().toString());
        assertEquals(2, pod.securityGroups().size());
    }

    @Test
    void aLabelWithoutAValueIsEmptyOnBothSides() {
        var pod = ObjectReader.pod(Field.root(Objects.yaml("{kind: Pod, metadata: {name: p, labels: {app: }}}")
                .getFirst()));
        NetworkPolicy policy = (NetworkPolicy)
                network("{podSelector: {matchLabels: {app: }}}").policy().orElseThrow();

        assertEquals(Map.of("app", ""), pod.labels());
        assertTrue(policy.subject().pods().matches(pod.labels()));
    }

    private static List<io.terway.policy.PolicyRule> rules(ReadPolicy read) {
        return ((NetworkPolicy) read.policy().orElseThrow()).ingress().orElseThrow();
    }

    private static ReadPolicy network(String spec) {
        return read("NetworkPolicy", spec);
    }

    private static ReadPolicy read(String kind, String spec) {
        Map<String, Object> object = Objects.yaml(
                        "{kind: " + kind + ", metadata: {name: p, namespace: a}, spec: " + spec + "}")
                .getFirst();
        ReadPolicy read = Objects.policy(object);
        assertEquals(Optional.of(kind), Optional.of(read.id().kind()).map(PolicyId.Kind::text));
        return read;
    }
}
