package io.terway.ctl.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The policy commands as people and conformance suites call them. */
class PolicyCommandIT {

    static final String CLUSTER = """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Namespace, metadata: {name: a}}
            - {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}}
            - {apiVersion: v1, kind: Service, metadata: {name: other, namespace: a}}
            ---
            # an empty document, an anchor and a merge
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: a, labels: &web {app: web}}, spec: {nodeName: n1}, status: {phase: Running, podIPs: [{ip: 10.0.1.1}, {ip: "fd00::1"}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: a, labels: {app: db}}, spec: {nodeName: n1, containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}, status: {phase: Running, podIPs: [{ip: 10.0.1.2}, {ip: "fd00::2"}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: v6, namespace: a}, spec: {}, status: {podIPs: [{ip: "fd00::6"}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: done, namespace: a}, spec: {}, status: {phase: Succeeded, podIPs: [{ip: 10.0.1.1}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: host, namespace: a}, spec: {nodeName: n1, hostNetwork: true}, status: {phase: Running}}
            ---
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: a}, spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: nobody}}}]}, {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: sql}]}]}}
            """;

    @TempDir
    Path directory;

    /** What was printed and the exit code. */
    record Outcome(int exit, String out, String err) {}

    static Outcome execute(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = io.terway.ctl.TerwayCliAccess.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return new Outcome(line.execute(args), out.toString(), err.toString());
    }

    @Test
    void answersEveryProbeInOrder() throws IOException {
        JsonNode answers = check(CLUSTER, """
                [{"from":{"pod":"a/web"},"to":{"pod":"a/db"},"protocol":"TCP","port":5432},
                 {"from":{"pod":"a/web"},"to":{"pod":"a/db"},"protocol":"TCP","port":5433,"reply":true},
                 {"from":{"ip":"10.0.1.1"},"to":{"pod":"a/db"},"protocol":"TCP","port":5432,"family":"IPv4"},
                 {"from":{"pod":"a/web"},"to":{"pod":"a/db"},"protocol":"TCP","port":5432,"family":"IPv6"},
                 {"from":{"pod":"a/v6"},"to":{"pod":"a/db"},"protocol":"TCP","port":5432},
                 {"from":{"pod":"a/v6"},"to":{"ip":"10.0.1.2"},"protocol":"TCP","port":5432},
                 {"from":{"pod":"a/done"},"to":{"pod":"a/db"},"protocol":"TCP","port":5432},
                 {"from":{"pod":"a/host"},"to":{"pod":"a/db"},"protocol":"UDP","port":1},
                 {"from":{"ip":"8.8.8.8"},"to":{"ip":"9.9.9.9"},"protocol":"SCTP","port":1}]""");

        assertEquals(9, answers.size());
        assertEquals("allow", answers.get(0).at("/verdict").asText());
        assertEquals("rule", answers.get(0).at("/ingress/reason").asText());
        assertEquals("a/db", answers.get(0).at("/ingress/isolatedBy/0").asText());
        assertEquals(
                "{\"policy\":\"a/db\",\"rule\":1}",
                answers.get(0).at("/ingress/allowedBy/0").toString());
        assertEquals("not-isolated", answers.get(0).at("/egress/reason").asText());
        assertEquals("deny", answers.get(1).at("/verdict").asText());
        assertEquals("isolated-no-rule", answers.get(1).at("/ingress/reason").asText());
        assertEquals("allow", answers.get(2).at("/verdict").asText(), "the address of a live pod is that pod");
        assertEquals("allow", answers.get(3).at("/verdict").asText());
        assertEquals("deny", answers.get(4).at("/verdict").asText(), "IPv6 is what both have");
        assertEquals("unroutable", answers.get(5).at("/verdict").asText());
        assertEquals("unroutable", answers.get(6).at("/verdict").asText(), "a finished pod has no address");
        assertEquals("own-node", answers.get(7).at("/ingress/reason").asText());
        assertEquals("not-a-policy-subject", answers.get(8).at("/egress/reason").asText());
    }

    @Test
    void readsJsonToo() throws IOException {
        JsonNode answers = check(
                "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"p\"},"
                        + "\"status\":{\"podIP\":\"10.0.0.9\"}}]}",
                "[{\"from\":{\"pod\":\"default/p\"},\"to\":{\"pod\":\"default/p\"},\"protocol\":\"TCP\",\"port\":80}]");

        assertEquals("self", answers.get(0).at("/egress/reason").asText());
    }

    @Test
    void aFinishedPodOfTheHostLeavesNoAddressToItsNode() throws IOException {
        String leftOver = """
                ---
                {apiVersion: v1, kind: Pod, metadata: {name: old, namespace: a}, spec: {nodeName: n1, hostNetwork: true}, status: {phase: Failed, podIP: 10.0.9.9}}
                """;
        JsonNode answers = check(
                CLUSTER + leftOver,
                "[{\"from\":{\"ip\":\"10.0.9.9\"},\"to\":{\"pod\":\"a/db\"},\"protocol\":\"TCP\",\"port\":5432}]");

        assertEquals("isolated-no-rule", answers.get(0).at("/ingress/reason").asText());
    }

    @Test
    void anUnroutableProbeSaysWhy() throws IOException {
        JsonNode answers = check(CLUSTER, """
                [{"from":{"pod":"a/done"},"to":{"pod":"a/db"},"protocol":"TCP","port":5432},
                 {"from":{"ip":"8.8.8.8"},"to":{"pod":"a/db"},"protocol":"TCP","port":5432,"family":"IPv6"}]""");

        assertEquals("pod a/done has no address", answers.get(0).at("/why").asText());
        assertEquals(
                "the ends share no address family (IPv6 is asked for)",
                answers.get(1).at("/why").asText());
    }

    @Test
    void aPolicyThatCannotBeReadStopsNobody() throws IOException {
        String odd = """
                ---
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: odd, namespace: a}, spec: {podSelector: {matchExpressions: [{key: a, operator: Near}]}}}
                """;
        Outcome outcome = execute(
                "policy", "check", "-f", file("m.yaml", CLUSTER + odd), "--probes", file("p.json", "[]"), "-o", "json");

        assertEquals(0, outcome.exit());
        assertEquals("[ ]\n", outcome.out());
        assertTrue(
                outcome.err()
                        .startsWith("terway-cli: NetworkPolicy a/odd: spec.podSelector.matchExpressions[0].operator"),
                outcome.err());
        assertEquals(1, outcome.err().lines().count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[{}]|probe 0: port is missing",
                "[{\"port\":0}]|probe 0: port is 0; it must be a number in 1..65535",
                "[{\"port\":1,\"from\":{\"pod\":\"web\"}}]|'web' is not NAMESPACE/NAME",
                "[{\"port\":1,\"from\":{\"ip\":\"10.0.0.300\"}}]|'10.0.0.300' is not an IP address",
                "[{\"port\":1,\"from\":{\"pod\":\"a/x\",\"ip\":\"1.1.1.1\"}}]|it must be",
                "[{\"port\":1,\"from\":{\"pod\":\"a/nobody\"},\"to\":{\"pod\":\"a/web\"}}]|probe 0: there is no pod a/nobody",
                "[{\"port\":1,\"from\":{\"pod\":\"a/web\"},\"to\":{\"pod\":\"a/web\"},\"protocol\":\"tcp\"}]|it must be TCP, UDP or SCTP",
                "[{\"port\":1,\"from\":{\"pod\":\"a/web\"},\"to\":{\"pod\":\"a/web\"},\"family\":\"4\"}]|it must be IPv4 or IPv6",
                "[{\"prot\":1}]|'prot' is none of",
                "{}|is not a JSON array",
                "[|is not JSON",
                "[] [{}]|is not JSON: Trailing token",
                "[{\"port\":1,\"port\":2}]|Duplicate field 'port'",
            })
    void aBadProbeIsOneLineAndExitCodeTwo(String probes, String complaint) throws IOException {
        Outcome outcome = execute(
                "policy", "check", "-f", file("m.yaml", CLUSTER), "--probes", file("p.json", probes), "-o", "json");

        assertEquals(2, outcome.exit());
        assertEquals("", outcome.out());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertFalse(outcome.err().contains("REDACTED"), outcome.err());
        assertTrue(outcome.err().contains(complaint), outcome.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a: [|is neither YAML nor JSON",
                "a: b|an object has no kind",
                "just text|is not a Kubernetes object",
                "{kind: PodList, items: 5}|items of a PodList is not a list",
                "{? [a, b] : c}|a key is no scalar",
            })
    void aBadManifestIsOneLineAndExitCodeTwo(String manifest, String complaint) throws IOException {
        Outcome outcome = execute("policy", "check", "-f", file("m.yaml", manifest), "--probes", file("p.json", "[]"));

        assertEquals(2, outcome.exit());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().contains(complaint), outcome.err());
    }

    @Test
    void lintFindsWhatTheGuideGotWrong() throws IOException {
        String policies = """
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: e, namespace: a}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{protocol: UDP, port: 53}]}]}}
                ---
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: f, namespace: b}, spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}]}}
                ---
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: m, namespace: a}, spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {name: monitoring}}}]}, {}, {from: [{podSelector: {}}], ports: [{port: 80}]}]}}
                """;

        Outcome outcome = execute("policy", "lint", "-f", file("p.yaml", policies));

        assertEquals(1, outcome.exit());
        assertEquals("""
                NetworkPolicy a/e, egress: DNS is open over UDP only, and large answers come over TCP: open TCP port 53 too [dns-udp-only]
                NetworkPolicy a/m, ingress[0]: ingress[1] allows everything it allows; leave one of them out [shadowed-rule]
                NetworkPolicy a/m, ingress[2]: ingress[1] allows everything it allows; leave one of them out [shadowed-rule]
                NetworkPolicy a/m, ingress[0]: it asks namespaces for the label 'name', which Kubernetes does not set; ask for kubernetes.io/metadata.name [namespace-label-name]
                NetworkPolicy b/f, egress: its pods cannot resolve names: no policy opens port 53 to them; open UDP and TCP to the cluster's DNS [dns-forgotten]
                5 findings in 3 policies; without pods in the files, whom they select was not looked at
                """, outcome.out());
    }

    @Test
    void lintFindsSelectorsThatMeetNothing() throws IOException {
        Outcome outcome = execute("policy", "lint", "-f", file("m.yaml", CLUSTER));

        assertEquals(1, outcome.exit());
        assertEquals(
                "NetworkPolicy a/db, ingress[0]: it names a peer that no pod is (pods app=nobody in namespace a); look at labels and namespace [peer-selects-nothing]\n1 finding in 1 policy\n",
                outcome.out());
    }

    @Test
    void showsTheSecurityGroupRulesOfAMarkedPolicy() throws IOException {
        String marked = """
                {apiVersion: v1, kind: Pod, metadata: {name: app, namespace: p, labels: {app: app}, annotations: {k8s.aliyun.com/security-groups: sg-app}}, spec: {}, status: {podIPs: [{ip: 10.0.2.1}]}}
                ---
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: app, namespace: p, annotations: {network.terway.io/enforce: security-group}}, spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 8080}]}]}}
                """;

        Outcome outcome = execute("policy", "to-security-group", file("m.yaml", marked), "--type", "basic");

        assertEquals(0, outcome.exit());
        assertTrue(
                outcome.out()
                        .startsWith(
                                "sg-app (basic): 1 rules\n  ingress accept TCP 8080/8080 from 10.0.0.0/8 priority 50\n"),
                outcome.out());
        assertEquals(
                1,
                execute("policy", "to-security-group", file("m.yaml", marked), "--quota", "2")
                        .exit());
    }

    private JsonNode check(String manifests, String probes) throws IOException {
        Outcome outcome = execute(
                "policy", "check", "-f", file("m.yaml", manifests), "--probes", file("p.json", probes), "-o", "json");
        assertEquals(new Outcome(0, outcome.out(), ""), outcome);
        return new JsonMapper().readTree(outcome.out());
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }
}
