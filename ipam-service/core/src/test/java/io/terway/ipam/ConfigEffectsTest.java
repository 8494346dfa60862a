package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No key of the configuration is without a fate: it changes what a node gets, or what its agent is told, or it is followed by
 * another part, or it is said to have no effect, or it is refused. Which change, laws of their own say; here none is forgotten.
 */
class ConfigEffectsTest {

    private static final String[] FATES = {"node", "agent", "manager", "service", "remarked", "refused", "plugin"};

    private record Line(String key, String value, String beside, String fate) {

        static Line of(String line) {
            String[] parts = line.split(" \\| ");
            return new Line(parts[0].strip(), parts[1], parts[2], parts[3].strip());
        }

        Map<String, Object> conf() {
            return object(beside);
        }
    }

    /** The keys, one a line: key | value | keys beside it | fate. */
    static Stream<Line> lines() {
        try (InputStream in = ConfigEffectsTest.class.getResourceAsStream("config-keys.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().map(Line::of);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> object(String json) {
        try {
            return new HashMap<>(JsonText.object(json));
        } catch (JsonText.Malformed e) {
            throw new AssertionError(json, e);
        }
    }

    /** With the key, or without it. */
    private static ConfigReading read(Line line, boolean with) {
        Map<String, Object> conf = line.conf();
        Map<String, Object> cni = new HashMap<>();
        Map<String, Object> map = new HashMap<>();
        if (with) {
            String[] steps = line.key.split("\\.");
            Map<String, Object> target =
                    line.key.startsWith("eni_conf.") ? conf : line.key.startsWith("10-terway.conf.") ? cni : map;
            String path = line.key.replaceFirst("^(eni_conf|10-terway\\.conf)\\.", "");
            steps = path.split("\\.");
            for (int i = 0; i < steps.length - 1; i++) {
                Map<String, Object> inner = new LinkedHashMap<>();
                target.put(steps[i], inner);
                target = inner;
            }
            target.put(
                    steps[steps.length - 1],
                    object("{\"v\":" + line.value + "}").get("v"));
        }
        return EniConfigReader.read(conf, cni, map);
    }

    private static ConfigReading.Accepted accepted(Line line, boolean with) {
        ConfigReading reading = read(line, with);
        return assertInstanceOf(ConfigReading.Accepted.class, reading, () -> line + ": " + reading);
    }

    @Test
    void everyKeyHasAFate() {
        TreeSet<String> left = new TreeSet<>(EniConfigReader.knownKeys());
        left.removeAll(List.of("eni_conf", "10-terway.conf", "10-terway.conflist")); // hold the others
        lines().forEach(line -> assertTrue(left.remove(line.key), () -> line.key + " is no key, or is here twice"));

        assertEquals(new TreeSet<>(), left);
        lines().forEach(line -> assertTrue(List.of(FATES).contains(line.fate), line::toString));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void isSeenInItsEffect(Line line) {
        switch (line.fate) {
            case "node" ->
                assertNotEquals(
                        life(accepted(line, false).config()),
                        life(accepted(line, true).config()),
                        "the node's life is the same");
            case "agent" ->
                assertNotEquals(
                        told(accepted(line, false).config()),
                        told(accepted(line, true).config()),
                        "the agent is told the same");
            case "service" ->
                assertNotEquals(
                        accepted(line, false).config(), accepted(line, true).config());
            case "manager", "plugin" -> {
                assertEquals(
                        accepted(line, false).config(), accepted(line, true).config());
                assertEquals(
                        List.of(),
                        accepted(line, true).remarks().stream()
                                .filter(remark -> remark.contains(line.key + " "))
                                .toList(),
                        "another part follows it: it is not without effect");
            }
            case "remarked" ->
                assertTrue(
                        accepted(line, true).remarks().stream()
                                .anyMatch(remark -> remark.contains(line.key + " is accepted and has no effect")),
                        () -> accepted(line, true).remarks().toString());
            case "refused" -> {
                var refused = assertInstanceOf(ConfigReading.Refused.class, read(line, true));
                assertTrue(
                        refused.problems().stream().anyMatch(problem -> problem.startsWith(line.key + " is '")),
                        refused.problems()::toString);
            }
            default -> throw new AssertionError(line);
        }
    }

    private static NodeConfig told(EniConfig config) {
        return NodeConfig.of(config, 1, config.mode(), 45, List.of());
    }

    /** All that becomes of a node in twenty minutes: its ENIs and addresses, what pods get, and when it is looked at next. */
    private static String life(EniConfig config) {
        ModelCloud cloud = new ModelCloud(400);
        NodeRig rig = new NodeRig(cloud);
        rig.feed(new IpamEvent.VSwitchesSeen(
                List.of(supply("vsw-h", 100), supply("vsw-a", 100), supply("vsw-b", 4_000))));
        rig.configure(config);
        rig.connect();
        rig.pass(Duration.ofMinutes(2));
        StringBuilder life = new StringBuilder();
        life.append(answer(rig, 1, Map.of())).append(answer(rig, 2, Map.of()));
        for (int pod = 3; pod < 6; pod++) {
            life.append(answer(rig, pod, Map.of(PodWishes.OWN_ENI, "true")));
        }
        for (int pod = 10; pod < 30; pod++) {
            rig.feed(new IpamEvent.PodScheduled(rig.agent.name, "uid-" + pod, Map.of()));
        }
        rig.pass(Duration.ofMinutes(3));
        List.copyOf(rig.agent.bound.keySet())
                .forEach(sandbox ->
                        rig.delete(Integer.parseInt(sandbox.containerId().substring(1))));
        rig.pass(Duration.ofMinutes(15));
        life.append(rig.commands).append(rig.config.withRevision(0));
        rig.loop.nextDue().ifPresent(due -> life.append(Duration.between(rig.now, due)));
        return life.toString();
    }

    private static VSwitchSupply supply(String id, long available) {
        return new VSwitchSupply(new VSwitchId(id), new ZoneId("cn-hangzhou-h"), Cidr.parse("10.0.64.0/20"), available);
    }

    private static String answer(NodeRig rig, int pod, Map<String, String> annotations) {
        AllocateOutcome outcome = rig.ask(pod, annotations);
        if (outcome instanceof AllocateOutcome.Proposed proposed) {
            rig.agent.commit(ModelAgent.sandbox(pod), proposed.addresses(), proposed.attachment());
            rig.feed(rig.agent.report());
        }
        return outcome.toString();
    }
}
