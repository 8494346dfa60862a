package io.terway.lab.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CniChainTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LIST = """
            {"cniVersion":"1.0.0","name":"terway","plugins":[
              {"type":"terway","capabilities":{"bandwidth":true}},
              {"type":"portmap","capabilities":{"portMappings":true}}]}
            """;

    private final PodSpec pod = new PodSpec(
            new PodRef("default", "a"),
            new NodeName("node-1"),
            Map.of(),
            Map.of("kubernetes.io/ingress-bandwidth", "10M"),
            List.of(PodSpec.Port.parse("http=80:8080/tcp")));

    @Test
    void aPluginGetsTheCapabilitiesThatItDeclares() throws Exception {
        CniChain chain = CniChain.parse(LIST, "x");
        JsonNode first = JSON.readTree(chain.input(0, JSON.missingNode(), pod.capabilities()));
        JsonNode second = JSON.readTree(chain.input(1, JSON.readTree("{\"ips\":[]}"), pod.capabilities()));

        assertEquals(
                "{\"bandwidth\":{\"ingressRate\":10000000,\"ingressBurst\":2147483647}}",
                first.path("runtimeConfig").toString());
        assertEquals(
                "{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"}]}",
                second.path("runtimeConfig").toString());
    }

    @Test
    void onlyLaterPluginsGetAPreviousResult() throws Exception {
        CniChain chain = CniChain.parse(LIST, "x");
        JsonNode first = JSON.readTree(chain.input(0, JSON.missingNode(), pod.capabilities()));
        JsonNode second = JSON.readTree(chain.input(1, JSON.readTree("{\"ips\":[]}"), pod.capabilities()));

        assertTrue(first.path("prevResult").isMissingNode());
        assertEquals("{\"ips\":[]}", second.path("prevResult").toString());
        assertEquals("terway", second.path("name").asText());
        assertEquals("1.0.0", second.path("cniVersion").asText());
    }

    @Test
    void aCniErrorIsToldInOneLine() {
        PluginCall.Answer answer = new PluginCall.Answer(
                1,
                "{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"try again\",\"details\":\"agent down\"}",
                "",
                Duration.ZERO);

        assertEquals("code 11: try again; agent down", Sandbox.reason(answer));
    }

    @Test
    void anAddIsToldInTheInterfacesShape() throws Exception {
        Sandbox.Added added = new Sandbox.Added(
                JSON.readTree("{\"cniVersion\":\"1.0.0\"}"),
                List.of(Ip.parse("10.0.64.5")),
                Duration.ofNanos(4_567_890),
                Map.of("terway", Duration.ofNanos(4_567_890)));

        ObjectNode json = Sandbox.json(added);

        assertEquals(
                "{\"ips\":[\"10.0.64.5\"],\"millis\":4.57,\"result\":{\"cniVersion\":\"1.0.0\"},\"stages\":{\"terway\":4.57}}",
                json.toString());
    }

    @Test
    void aFileWithoutPluginsIsRefusedByName() {
        Refusal refusal =
                assertThrows(Refusal.class, () -> CniChain.parse("{\"name\":\"x\",\"plugins\":[]}", "10-x.conflist"));

        assertTrue(refusal.getMessage().startsWith("10-x.conflist "));
    }
}
