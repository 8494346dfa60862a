package io.terway.ctl.policy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.policy.Protocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the probes file: a JSON array. */
final class Questions {

    private static final Set<String> KEYS = Set.of("from", "to", "protocol", "port", "family", "reply");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** How the parser names a place in what it was given. */
    private static final Pattern PLACE = Pattern.compile("\\[Source: [^;]*; line: (\\d+), column: (\\d+)]");

    private Questions() {}

    static List<Question> read(String file) {
        JsonNode root;
        try {
            root = JSON.readTree(Manifests.content(file, Path.of(file)));
        } catch (JsonProcessingException e) {
            throw new BadInput("probes " + file + " is not JSON: " + complaint(e));
        }
        if (!root.isArray()) {
            throw new BadInput("probes " + file + " is not a JSON array");
        }
        List<Question> out = new ArrayList<>();
        for (int i = 0; i < root.size(); i++) {
            out.add(question("probe " + i, root.get(i)));
        }
        return out;
    }

    private static String complaint(JsonProcessingException e) {
        return OneLine.of(PLACE.matcher(e.getMessage()).replaceAll("line $1, column $2"));
    }

    private static Question question(String where, JsonNode probe) {
        if (!probe.isObject()) {
            throw new BadInput(where + ": is not an object");
        }
        for (Iterator<String> names = probe.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!KEYS.contains(name)) {
                throw new BadInput(where + ": '" + name + "' is none of from, to, protocol, port, family, reply");
            }
        }
        JsonNode port = probe.path("port");
        if (!port.isIntegralNumber() || port.longValue() < 1 || port.longValue() > 65_535) {
            throw new BadInput(where + ": port is " + shown(port) + "; it must be a number in 1..65535");
        }
        JsonNode reply = probe.path("reply");
        if (!reply.isBoolean() && !absent(reply)) {
            throw new BadInput(where + ": reply is " + shown(reply) + "; it must be true or false");
        }
        return new Question(
                where,
                end(where + ": from", probe.path("from")),
                end(where + ": to", probe.path("to")),
                protocol(where, probe.path("protocol")),
                port.intValue(),
                family(where, probe.path("family")),
                reply.asBoolean());
    }

    /** {@code {"pod": "namespace/name"}} or {@code {"ip": "address"}}. */
    private static Question.End end(String where, JsonNode end) {
        boolean pod = end.path("pod").isTextual();
        boolean ip = end.path("ip").isTextual();
        if (pod == ip || end.size() != 1) {
            throw new BadInput(
                    where + " is " + shown(end) + "; it must be {\"pod\":\"namespace/name\"} or {\"ip\":\"address\"}");
        }
        return end(where, pod ? end.get("pod").textValue() : end.get("ip").textValue(), pod);
    }

    static Question.End end(String where, String text, boolean pod) {
        try {
            return pod ? new Question.End.Pod(PodRef.parse(text)) : new Question.End.Address(Ip.parse(text));
        } catch (IllegalArgumentException e) {
            throw new BadInput(where + ": " + e.getMessage());
        }
    }

    private static Protocol protocol(String where, JsonNode protocol) {
        if (absent(protocol)) {
            return Protocol.TCP;
        }
        for (Protocol known : Protocol.values()) {
            if (known.name().equals(protocol.asText())) {
                return known;
            }
        }
        throw new BadInput(where + ": protocol is " + shown(protocol) + "; it must be TCP, UDP or SCTP");
    }

    private static Optional<Family> family(String where, JsonNode family) {
        if (absent(family)) {
            return Optional.empty();
        }
        return switch (family.asText()) {
            case "IPv4" -> Optional.of(Family.IPV4);
            case "IPv6" -> Optional.of(Family.IPV6);
            default -> throw new BadInput(where + ": family is " + shown(family) + "; it must be IPv4 or IPv6");
        };
    }

    private static boolean absent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? "missing" : OneLine.of(node.toString());
    }
}
