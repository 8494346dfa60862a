package io.terway.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Action;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Hold;
import io.terway.node.policy.HttpMatch;
import io.terway.node.policy.Judge;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PodPolicy;
import io.terway.node.policy.PolicyProgram;
import io.terway.node.policy.PortSpan;
import io.terway.node.policy.ProgramRule;
import io.terway.node.policy.Transport;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestJudgeTest {

    private static final Ip CLIENT = Ip.parse("10.0.0.1");
    private static final Ip SERVER = Ip.parse("10.0.0.2");
    private static final Flow FLOW = new Flow(CLIENT, SERVER, Transport.TCP.number(), 8080);
    private static final HttpMatch READ = new HttpMatch("GET", "/api/v1/.*", "", List.of());
    private static final HttpMatch ORDER = new HttpMatch(
            "POST", "/api/v1/orders", "", List.of(new HttpMatch.Header("Content-Type", "application/json", false)));

    @Test
    void theGuidesExampleAcceptsWhatItNames() {
        RequestJudge judge = ingress(rule(8080, READ, ORDER));

        accepted(judge, request("GET", "/api/v1/orders/7?x=1", "h", Map.of()));
        accepted(judge, request("POST", "/api/v1/orders", "h", Map.of("content-type", List.of("application/json"))));
        refused(judge, request("POST", "/api/v1/orders", "h", Map.of()));
        refused(judge, request("POST", "/api/v1/orders", "h", Map.of("content-type", List.of("text/plain"))));
        refused(judge, request("DELETE", "/api/v1/orders", "h", Map.of()));
        refused(judge, request("GET", "/admin", "h", Map.of()));
        refused(judge, request("get", "/api/v1/a", "h", Map.of()));
    }

    @Test
    void noSpellingGetsBehindAPath() {
        RequestJudge judge = ingress(rule(8080, new HttpMatch("", "/public/[^/]*", "", List.of())));

        accepted(judge, request("GET", "/public/a", "h", Map.of()));
        refused(judge, request("GET", "/public/a%2fb", "h", Map.of()));
        refused(judge, request("GET", "/public/a\\b", "h", Map.of()));
    }

    @Test
    void aHostIsComparedWithoutPortInItsOwnOrLowerCase() {
        RequestJudge judge = ingress(rule(8080, new HttpMatch("", "", "api\\.shop", List.of())));

        accepted(judge, request("GET", "/", "API.Shop", Map.of()));
        refused(judge, request("GET", "/", "api-shop", Map.of()));
        refused(judge, request("GET", "/", "", Map.of()));
    }

    @Test
    void aPatternThatCannotBeReadLetsNothingPass() {
        refused(ingress(rule(8080, new HttpMatch("", "(?i)/a", "", List.of()))), request("GET", "/a", "h", Map.of()));
    }

    @Test
    void aRuleWithoutRequestsForTheSamePortAcceptsEveryRequest() {
        ProgramRule plain =
                new ProgramRule("ns/plain", 0, Action.ACCEPT, true, List.of(), false, List.of(span(8080)), List.of());

        accepted(ingress(rule(8080, READ), plain), request("DELETE", "/admin", "h", Map.of()));
    }

    @Test
    void bothSidesMustAccept() {
        NodePolicy both = new NodePolicy(
                Map.of(),
                Map.of(
                        "a1", program("a1", Direction.EGRESS, rule(8080, READ)),
                        "b1", program("b1", Direction.INGRESS, rule(8080, ORDER, READ))),
                List.of(
                        pod("client", CLIENT, new Hold.Free(), new Hold.ByProgram("a1")),
                        pod("server", SERVER, new Hold.ByProgram("b1"), new Hold.Free())));
        RequestJudge judge = new RequestJudge(new Judge(both));

        accepted(judge, request("GET", "/api/v1/a", "h", Map.of()));
        Request order = request("POST", "/api/v1/orders", "h", Map.of("content-type", List.of("application/json")));
        assertEquals(new Ruling.Refused(Direction.EGRESS, List.of("ns/p#0")), judge.request(FLOW, order));
    }

    @Test
    void ofAPodThatRedirectsItsConnectionsNoRequestIsAccepted() {
        Judge judge = new Judge(new NodePolicy(
                Map.of(),
                Map.of(
                        "b1", program("b1", Direction.INGRESS, rule(8080, READ)),
                        "a1", program("a1", Direction.EGRESS, rule(8080))),
                List.of(
                        pod("client", CLIENT, new Hold.Free(), new Hold.ByProgram("a1")),
                        pod("server", SERVER, new Hold.ByProgram("b1"), new Hold.Free()))));
        Request read = request("GET", "/api/v1/a", "h", Map.of());

        accepted(new RequestJudge(judge), read);
        refused(new RequestJudge(judge, (direction, ip) -> direction == Direction.INGRESS && ip.equals(SERVER)), read);
        accepted(new RequestJudge(judge, (_, ip) -> ip.equals(CLIENT)), read); // no request decides on its side
    }

    @Test
    void aConnectionThatNoRequestCouldSaveIsRefusedAtOnce() {
        RequestJudge judge = ingress(rule(9090, READ));

        assertEquals(new Ruling.Refused(Direction.INGRESS, List.of("ns/p")), judge.connection(FLOW));
        refused(judge, request("GET", "/api/v1/a", "h", Map.of()));
    }

    private static void accepted(RequestJudge judge, Request request) {
        assertInstanceOf(Ruling.Accepted.class, judge.request(FLOW, request), request.toString());
    }

    private static void refused(RequestJudge judge, Request request) {
        assertInstanceOf(Ruling.Refused.class, judge.request(FLOW, request), request.toString());
    }

    private static Request request(String method, String target, String host, Map<String, List<String>> headers) {
        return new Request(method, RequestTarget.of(target), host, headers);
    }

    private static RequestJudge ingress(ProgramRule... rules) {
        return new RequestJudge(new Judge(new NodePolicy(
                Map.of(),
                Map.of("b1", program("b1", Direction.INGRESS, rules)),
                List.of(pod("server", SERVER, new Hold.ByProgram("b1"), new Hold.Free())))));
    }

    private static PolicyProgram program(String id, Direction direction, ProgramRule... rules) {
        return new PolicyProgram(id, direction, List.of(), true, List.of(rules), List.of(), List.of("ns/p"));
    }

    private static ProgramRule rule(int port, HttpMatch... http) {
        return new ProgramRule(
                "ns/p", 0, Action.ACCEPT, true, List.of(), false, List.of(span(port)), Arrays.asList(http));
    }

    private static PortSpan span(int port) {
        return new PortSpan(Transport.TCP, port, port);
    }

    private static PodPolicy pod(String name, Ip ip, Hold ingress, Hold egress) {
        return new PodPolicy(new PodLife(new PodRef("ns", name), "uid-" + name), List.of(ip), ingress, egress);
    }
}
