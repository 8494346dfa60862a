package io.terway.node.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxyTextTest {

    private static final HttpMatch GET = new HttpMatch("GET", "", "", List.of());

    @Test
    void onlyConnectionsThatRequestsDecideAreLedToTheProxy() {
        NftTable table = node(TablePlace.NODE).of(policy(rule(80), rule(8080, GET)));

        assertEquals(
                List.of("tcp dport 80 return", "tcp dport 8080 goto to_proxy"),
                texts(table, SetNames.requestsAfterAdmin("b1")));
        assertEquals(
                Map.of("10.0.0.2", "jump r_b1"),
                table.sets()
                        .get(SetNames.requests(Direction.INGRESS, io.terway.net.Family.IPV4))
                        .elements());
        assertTrue(texts(table, "p_b1").contains("tcp dport 8080 meta mark & 0x02000000 == 0x02000000 return"));
    }

    @Test
    void withoutHttpRulesThereIsNoWayToTheProxy() {
        NftTable table = node(TablePlace.NODE).of(policy(rule(80)));

        assertFalse(table.chains().containsKey("requests"));
        assertFalse(table.chains().containsKey("past_proxy"));
    }

    @Test
    void everyChangeOfHttpRulesIsAPlanThatTheKernelTakes() {
        List<NodePolicy> states = List.of(
                policy(rule(80), rule(8080, GET)),
                policy(rule(80)),
                policy(rule(8080, GET), rule(8081, GET)),
                NodePolicy.NONE);
        for (TablePlace place : TablePlace.values()) {
            everyChange(states, node(place));
        }
    }

    private static void everyChange(List<NodePolicy> states, PolicyTable writer) {
        for (NodePolicy from : states) {
            for (NodePolicy to : states) {
                KernelTable kernel = KernelTable.of(NftTable.ABSENT);
                kernel.run(TablePlanner.plan(writer.of(from), kernel.table()));

                NftTable wanted = writer.of(to);
                kernel.run(TablePlanner.plan(wanted, kernel.table()));

                assertEquals(wanted, kernel.table());
                assertEquals(List.of(), TablePlanner.plan(wanted, kernel.table()));
            }
        }
    }

    private static PolicyTable node(TablePlace place) {
        return new PolicyTable(DenialLog.SILENT, place);
    }

    private static List<String> texts(NftTable table, String chain) {
        return table.chains().get(chain).rules().stream().map(NftRule::text).toList();
    }

    private static ProgramRule rule(int port, HttpMatch... http) {
        return new ProgramRule(
                "ns/p",
                port,
                Action.ACCEPT,
                true,
                List.of(),
                false,
                List.of(new PortSpan(Transport.TCP, port, port)),
                List.of(http));
    }

    private static NodePolicy policy(ProgramRule... rules) {
        PolicyProgram program =
                new PolicyProgram("b1", Direction.INGRESS, List.of(), true, List.of(rules), List.of(), List.of("ns/p"));
        PodPolicy pod = new PodPolicy(
                new PodLife(new PodRef("ns", "server"), "uid"),
                List.of(Ip.parse("10.0.0.2")),
                new Hold.ByProgram("b1"),
                new Hold.Free());
        return new NodePolicy(Map.of(), Map.of("b1", program), List.of(pod));
    }
}
