package io.terway.agent.flow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.agent.denial.Names;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.net.Ip;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Judge;
import io.terway.node.policy.Judgement;
import java.time.Instant;
import java.util.Map;

/** One accepted connection as a line of JSON: {@code at} and {@code event} first, as in every audit line of the house. */
final class FlowLine {

    private FlowLine() {}

    static String of(ConntrackEntry opened, String node, Judge judge, Map<Ip, Names.Holder> holders, Instant at) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("at", at.toString()).put("event", "flow").put("node", node).put("protocol", opened.protocol());
        line.set("from", end(opened.from(), opened.fromPort(), holders));
        line.set("to", end(opened.translated(), opened.translatedPort(), holders));
        if (!opened.to().equals(opened.translated())) {
            line.put("service", opened.to().toString());
        }
        Flow flow = new Flow(opened.from(), opened.translated(), opened.protocol(), opened.translatedPort());
        for (Direction direction : Direction.values()) {
            String by = by(judge.judge(direction, flow));
            if (!by.isEmpty()) {
                line.put(direction.word() + "_by", by);
            }
        }
        return line.toString();
    }

    private static String by(Judgement judgement) {
        return switch (judgement) {
            case Judgement.Accepted(String by) -> by;
            case Judgement.ByRequest(var rules) -> rules.getFirst().name() + " (HTTP)";
            case Judgement.Denied _ -> ""; // policy has changed since
        };
    }

    private static ObjectNode end(Ip ip, int port, Map<Ip, Names.Holder> holders) {
        ObjectNode end = JsonNodeFactory.instance.objectNode().put("ip", ip.toString());
        if (port != 0) {
            end.put("port", port);
        }
        Names.Holder holder = holders.get(ip);
        if (holder != null) {
            switch (holder) {
                case Names.Holder.OfPod(var pod) -> end.put("pod", pod.ref().toString());
                case Names.Holder.OfNode(var name) -> end.put("node", name);
            }
        }
        return end;
    }
}
