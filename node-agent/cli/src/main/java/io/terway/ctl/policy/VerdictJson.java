package io.terway.ctl.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.policy.HttpRule;
import io.terway.policy.PolicyId;
import io.terway.policy.Verdict;
import java.util.List;
import java.util.Locale;

/** Answers for programs. */
final class VerdictJson {

    private static final JsonMapper MAPPER = new JsonMapper();

    private static final String UNROUTABLE = "unroutable";

    private VerdictJson() {}

    static String of(List<Answer> answers) {
        ArrayNode out = MAPPER.createArrayNode();
        answers.forEach(answer -> out.add(of(answer)));
        return text(out);
    }

    static String text(JsonNode tree) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    static ObjectNode of(Answer answer) {
        ObjectNode out = MAPPER.createObjectNode();
        return switch (answer) {
            case Answer.Unroutable unroutable -> {
                out.put("verdict", UNROUTABLE).put("why", unroutable.why());
                nobody(out.putObject("ingress"));
                nobody(out.putObject("egress"));
                yield out;
            }
            case Answer.Judged judged -> {
                Verdict verdict = judged.verdict();
                out.put("verdict", verdict(verdict.allowed()));
                side(verdict.ingress(), out.putObject("ingress"));
                side(verdict.egress(), out.putObject("egress"));
                boolean l7 = !verdict.ingress().l7().isEmpty()
                        || !verdict.egress().l7().isEmpty();
                if (verdict.allowed() && l7) {
                    ObjectNode both = out.putObject("l7");
                    l7(verdict.ingress(), both, "ingress");
                    l7(verdict.egress(), both, "egress");
                }
                yield out;
            }
        };
    }

    /** A side that no packet reaches: of the same form as others, so that programs need not ask. */
    private static void nobody(ObjectNode out) {
        out.put("verdict", UNROUTABLE).put("reason", reason(Verdict.Reason.NOT_A_POLICY_SUBJECT));
        out.putArray("isolatedBy");
        out.putArray("allowedBy");
    }

    static String verdict(boolean allowed) {
        return allowed ? "allow" : "deny";
    }

    static String reason(Verdict.Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void side(Verdict.Side side, ObjectNode out) {
        out.put("verdict", verdict(side.allowed())).put("reason", reason(side.reason()));
        ArrayNode isolatedBy = out.putArray("isolatedBy");
        side.isolatedBy().stream().map(PolicyId::toString).forEach(isolatedBy::add);
        ArrayNode allowedBy = out.putArray("allowedBy");
        side.allowedBy().forEach(rule -> rule(rule, allowedBy.addObject()));
        side.deniedBy().ifPresent(rule -> rule(rule, out.putArray("deniedBy").addObject()));
        l7(side, out, "l7");
    }

    private static void rule(Verdict.RuleId rule, ObjectNode out) {
        out.put("policy", rule.policy().toString()).put("rule", rule.rule());
    }

    private static void l7(Verdict.Side side, ObjectNode out, String key) {
        if (side.l7().isEmpty()) {
            return;
        }
        ArrayNode list = out.putArray(key);
        for (Verdict.Http http : side.l7()) {
            ObjectNode one = list.addObject();
            rule(http.rule(), one);
            ArrayNode requests = one.putArray("http");
            http.requests().forEach(request -> request(request, requests.addObject()));
        }
    }

    private static void request(HttpRule request, ObjectNode out) {
        put(out, "method", request.method());
        put(out, "path", request.path());
        put(out, "host", request.host());
        if (!request.headers().isEmpty()) {
            ArrayNode headers = out.putArray("headers");
            request.headers()
                    .forEach(header ->
                            headers.add(header.presentOnly() ? header.name() : header.name() + ": " + header.value()));
        }
    }

    private static void put(ObjectNode out, String key, String value) {
        if (!value.isEmpty()) {
            out.put(key, value);
        }
    }
}
