package io.terway.ctl.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.wire.agent.v1.DenialNews;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.DenialEnd;
import io.terway.wire.policy.v1.Direction;
import java.time.Instant;

/** One object a line: a denial, or {@code {"node":...,"lost":N}}. */
final class DenialJson implements DenialLines {

    private static final ObjectMapper JSON = new ObjectMapper();

    private String node = "";

    @Override
    public String of(DenialNews news) {
        if (!news.getNode().isEmpty()) {
            node = news.getNode();
        }
        StringBuilder out = new StringBuilder();
        news.getDenialsList().forEach(denial -> out.append(line(denial(denial))));
        if (news.getLost() > 0) {
            out.append(line(object().put("node", node).put("lost", news.getLost())));
        }
        return out.toString();
    }

    private ObjectNode denial(Denial denial) {
        ObjectNode out = object();
        out.put("time", Instant.ofEpochMilli(denial.getAtMs()).toString()).put("node", node);
        out.put("direction", denial.getDirection() == Direction.INGRESS ? "ingress" : "egress");
        out.set("from", end(denial.getFrom()));
        out.set("to", end(denial.getTo()));
        out.put("protocol", ProtocolNames.of(denial.getProtocol())).put("port", denial.getPort());
        denial.getPoliciesList().forEach(out.putArray("policies")::add);
        return out.put("count", denial.getCount()).put("http", denial.getHttp()).put("forged", denial.getForged());
    }

    private static ObjectNode end(DenialEnd end) {
        ObjectNode out = object().put("ip", end.getAddress());
        if (end.hasPod()) {
            out.put("pod", end.getPod().getNamespace() + "/" + end.getPod().getName());
        }
        if (!end.getNode().isEmpty()) {
            out.put("node", end.getNode());
        }
        return out;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static String line(ObjectNode object) {
        try {
            return JSON.writeValueAsString(object) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String end() {
        return "";
    }
}
