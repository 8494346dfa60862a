package io.terway.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CniRequestTest {

    private static final Map<String, String> ADD = Map.of(
            "CNI_COMMAND", "ADD",
            "CNI_CONTAINERID", "c0ffee",
            "CNI_NETNS", "/run/netns/a",
            "CNI_IFNAME", "eth0",
            "CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_UID=u1");

    private static CniRequest parse(Map<String, String> environment, String config) {
        return CniRequest.of(CniFrame.parse(Frames.of(Duration.ofNanos(42), environment, config)));
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> changed = new HashMap<>(ADD);
        changed.put(name, value);
        return changed;
    }

    private static CniFailure failure(Map<String, String> environment, String config) {
        return assertThrows(CniFailure.class, () -> parse(environment, config));
    }

    @Test
    void readsAWholeAdd() {
        CniRequest request = parse(ADD, Frames.CONFIG);
        assertEquals(CniVerb.ADD, request.verb());
        assertEquals(Duration.ofNanos(42), request.started());
        assertEquals(new SandboxKey("terway", "c0ffee", "eth0"), request.key());
        assertEquals(Path.of("/run/netns/a"), request.netns());
        assertEquals(new PodRef("default", "web"), request.pod().ref());
        assertEquals("u1", request.pod().uid());
    }

    @Test
    void takesFromTheLabelsOfTheConfigurationWhatCniArgsDoNotSay() {
        String config = Frames.CONFIG.replace(
                "}",
                ",\"args\":{\"cni\":{\"labels\":[{\"key\":\"K8S_POD_NAMESPACE\",\"value\":\"podman\"},"
                        + "{\"key\":\"K8S_POD_NAME\",\"value\":\"other\"},{\"key\":1},7]}}}");
        Map<String, String> podman = with("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=web");
        assertEquals(new PodRef("podman", "web"), parse(podman, config).pod().ref());
        assertEquals(new PodRef("default", "web"), parse(ADD, config).pod().ref());
    }

    @ParameterizedTest
    @CsvSource({
        "CNI_COMMAND, add, 4, CNI_COMMAND is 'add'",
        "CNI_CONTAINERID, '', 4, CNI_CONTAINERID is not set",
        "CNI_CONTAINERID, ../x, 4, CNI_CONTAINERID is '../x'",
        "CNI_CONTAINERID, a/b, 4, CNI_CONTAINERID is 'a/b'",
        "CNI_IFNAME, '', 4, CNI_IFNAME is not set",
        "CNI_IFNAME, .., 4, CNI_IFNAME is '..'",
        "CNI_IFNAME, a/b, 4, CNI_IFNAME is 'a/b'",
        "CNI_IFNAME, sixteen-letters-, 4, at most 15",
        "CNI_NETNS, '', 4, CNI_NETNS is not set",
        "CNI_NETNS, run/netns/a, 4, CNI_NETNS is 'run/netns/a'",
        "CNI_ARGS, '', 4, CNI_ARGS names no pod",
        "CNI_ARGS, K8S_POD_NAME=web, 4, CNI_ARGS names no pod",
    })
    void refusesABadEnvironmentByName(String name, String value, int code, String message) {
        CniFailure failure = failure(with(name, value), Frames.CONFIG);
        assertEquals(code, failure.code().number());
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 6 | not a JSON object",
                "{ | 6 | not JSON",
                "[] | 6 | not a JSON object",
                "{} {} | 6 | not JSON",
                "{\"name\":\"a\",\"name\":\"b\"} | 6 | Duplicate",
                "{\"name\":\"terway\"} | 1 | cniVersion '0.1.0' is not supported",
                "{\"cniVersion\":\"9.0.0\",\"name\":\"terway\"} | 1 | cniVersion '9.0.0' is not supported",
                "{\"cniVersion\":1,\"name\":\"terway\"} | 7 | cniVersion is not a string",
                "{\"cniVersion\":\"1.0.0\"} | 7 | name ''",
                "{\"cniVersion\":\"1.0.0\",\"name\":\"a b\"} | 7 | name 'a b'",
                "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"dns\":[]} | 7 | dns is not an object",
            })
    void refusesABadConfigurationByField(String config, int code, String message) {
        CniFailure failure = failure(ADD, config);
        assertEquals(code, failure.code().number(), failure.getMessage());
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void refusesJsonThatIsNestedTooDeep() {
        String deep = "{\"a\":".repeat(100) + "1" + "}".repeat(100);
        assertEquals(CniCode.UNDECODABLE, failure(ADD, deep).code());
    }

    @ParameterizedTest
    @CsvSource({"CHECK, 0.3.1", "STATUS, 1.0.0", "GC, 1.0.0"})
    void refusesVerbsThatTheVersionDoesNotHave(String verb, String version) {
        CniFailure failure = failure(with("CNI_COMMAND", verb), Frames.CONFIG.replace("1.0.0", version));
        assertEquals(CniCode.INCOMPATIBLE_VERSION, failure.code());
    }

    @Test
    void checkNeedsPrevResult() {
        assertEquals(
                CniCode.INVALID_CONFIGURATION,
                failure(with("CNI_COMMAND", "CHECK"), Frames.CONFIG).code());
    }

    @Test
    void delNeedsNeitherNamespaceNorPod() {
        CniRequest request =
                parse(Map.of("CNI_COMMAND", "DEL", "CNI_CONTAINERID", "c0ffee", "CNI_IFNAME", "eth0"), Frames.CONFIG);
        assertTrue(request.netnsIfGiven().isEmpty());
        assertTrue(request.podIfGiven().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "TERWAY/1", "TERWAY/2 1\n\0", "TERWAY/1 x\n\0", "TERWAY/1 1\nA=B\0", "TERWAY/1 1\nAB\0\0"})
    void refusesWhatIsNoFrame(String body) {
        CniFailure failure =
                assertThrows(CniFailure.class, () -> CniFrame.parse(body.getBytes(StandardCharsets.ISO_8859_1)));
        assertEquals(CniCode.UNDECODABLE, failure.code());
    }
}
