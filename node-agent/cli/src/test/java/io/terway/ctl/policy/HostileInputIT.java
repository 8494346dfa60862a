package io.terway.ctl.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.terway.ctl.policy.PolicyCommandIT.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code policy check} does with objects that are not as they should be: one is refused, the others count. */
class HostileInputIT {

    private static final String PROBE =
            "[{\"from\":{\"pod\":\"a/web\"},\"to\":{\"pod\":\"a/db\"},\"protocol\":\"TCP\",\"port\":5432}]";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{kind: 5, metadata: {name: x}}|5 x is left out: kind: '5' is not a text",
                "{kind: [Pod], metadata: {name: x}}|(a list) x is left out: kind: a list is not a text",
                "{kind: Pod, metadata: []}|Pod (unnamed) is left out: metadata: a list is not an object",
                "{kind: Pod, metadata: {}}|Pod (unnamed) is left out: metadata.name: is missing",
                "{kind: Pod, metadata: {name: p}, status: {podIP: nonsense}}|Pod p is left out: status.podIP: 'nonsense' is not an IP",
                "{kind: Pod, metadata: {name: p, labels: {a: {b: c}}}}|metadata.labels.a: an object is not a text",
                "{kind: Node, metadata: {name: 7}}|Node 7 is left out: metadata.name: '7' is not a text",
                "{kind: Namespace, metadata: {labels: {}}}|Namespace (unnamed) is left out: metadata.name: is missing",
                "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {namespace: a}, spec: {podSelector: {}}}|NetworkPolicy a/(unnamed) is left out: metadata.name: is missing",
                "{apiVersion: [], kind: NetworkPolicy, metadata: {name: n}, spec: {podSelector: {}}}|NetworkPolicy n is left out: apiVersion: a list is not a text",
            })
    void oneUnreadableObjectIsNamedAndStopsNoOther(String odd, String complaint) throws IOException {
        Outcome outcome = check(PolicyCommandIT.CLUSTER + "---\n" + odd + "\n", PROBE);

        assertEquals(0, outcome.exit(), outcome.err());
        assertEquals("allow", answers(outcome).get(0).at("/verdict").asText());
        assertTrue(outcome.err().contains(complaint), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
    }

    @Test
    void ofAPodThatCannotBeReadNothingIsSaidNeitherByNameNorByAddress() throws IOException {
        String odd = "---\n{kind: Pod, metadata: {name: odd, namespace: a, labels: []}, status: {podIP: 10.0.1.9}}\n";
        Outcome outcome = check(
                PolicyCommandIT.CLUSTER + odd,
                "[{\"from\":{\"pod\":\"a/odd\"},\"to\":{\"pod\":\"a/db\"},\"port\":1},"
                        + "{\"from\":{\"pod\":\"a/web\"},\"to\":{\"ip\":\"10.0.1.9\"},\"port\":1}]");

        assertEquals(0, outcome.exit(), outcome.err());
        JsonNode answers = answers(outcome);
        assertEquals("unroutable", answers.get(0).at("/verdict").asText());
        assertEquals(
                "pod a/odd cannot be read: metadata.labels: a list is not an object",
                answers.get(0).at("/why").asText());
        assertEquals("unroutable", answers.get(1).at("/verdict").asText());
    }

    @Test
    void anUnroutableAnswerHasTheFormOfOthers() throws IOException {
        JsonNode answer = answers(check(
                        PolicyCommandIT.CLUSTER,
                        "[{\"from\":{\"pod\":\"a/done\"},\"to\":{\"pod\":\"a/db\"},\"port\":1}]"))
                .get(0);

        for (String side : new String[] {"/ingress", "/egress"}) {
            assertEquals("unroutable", answer.at(side + "/verdict").asText());
            assertEquals("not-a-policy-subject", answer.at(side + "/reason").asText());
            assertTrue(answer.at(side + "/isolatedBy").isArray()
                    && answer.at(side + "/allowedBy").isArray());
        }
    }

    @Test
    void listsAsTheApiServerGivesThemAreRead() throws IOException {
        String lists =
                "{\"apiVersion\":\"v1\",\"kind\":\"PodList\",\"items\":[{\"metadata\":{\"name\":\"p\"},\"status\":{\"podIP\":\"10.0.0.9\"}}]}"
                        + "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicyList\",\"items\":[{\"metadata\":{\"name\":\"n\"},\"spec\":{\"podSelector\":{}}}]}";
        JsonNode answer = answers(
                        check(lists, "[{\"from\":{\"ip\":\"8.8.8.8\"},\"to\":{\"pod\":\"default/p\"},\"port\":1}]"))
                .get(0);

        assertEquals("default/n", answer.at("/ingress/isolatedBy/0").asText());
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheText() throws IOException {
        Outcome outcome = check("\uFEFF" + PolicyCommandIT.CLUSTER, "\uFEFF" + PROBE);

        assertEquals(0, outcome.exit(), outcome.err());
    }

    @Test
    void whatATerminalObeysIsShownAsNumbers() throws IOException {
        String odd = "---\n{kind: Pod, metadata: {name: \"p\\e[31m\\u202e\\nx\", labels: []}}\n";
        Outcome outcome = check(PolicyCommandIT.CLUSTER + odd, "[{\"pr\\u001bt\":1}]");

        assertEquals(2, outcome.exit());
        assertEquals(
                "terway-cli: probe 0: 'pr\\u001bt' is none of from, to, protocol, port, family, reply\n",
                outcome.err());
        outcome = check(PolicyCommandIT.CLUSTER + odd, "[]");
        assertTrue(outcome.err().startsWith("terway-cli: Pod p\\u001b[31m\\u202e x is left out: "), outcome.err());
        assertEquals(1, outcome.err().lines().count());
    }

    /** Each level names the one below ten times: a few lines that unfold to more than fits anywhere. */
    @Test
    void aliasesThatUnfoldWithoutEndAreBounded() throws IOException {
        StringBuilder bomb = new StringBuilder("x0: &x0 [a, a]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("x" + i + ": &x" + i + " [*x" + (i - 1) + ", *x" + (i - 1) + "]\n");
        }
        String label = "---\nkind: Pod\n" + bomb + "metadata: {name: p, labels: {a: *x39}}\nstatus: *x39\n";
        Outcome outcome = check(PolicyCommandIT.CLUSTER + label, PROBE);
        assertEquals(0, outcome.exit(), outcome.err());
        assertTrue(outcome.err().contains("metadata.labels.a: a list is not a text"), outcome.err());

        Outcome list = check("kind: List\n" + bomb + "items: *x39\n", PROBE);
        assertEquals(2, list.exit());
        assertTrue(list.err().contains("lists hold more than"), list.err());
        assertFalse(list.err().contains("\tat "), list.err());
    }

    private Outcome check(String manifests, String probes) throws IOException {
        return PolicyCommandIT.execute(
                "policy", "check", "-f", file("m.yaml", manifests), "--probes", file("p.json", probes), "-o", "json");
    }

    private static JsonNode answers(Outcome outcome) throws IOException {
        return new JsonMapper().readTree(outcome.out());
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }
}
