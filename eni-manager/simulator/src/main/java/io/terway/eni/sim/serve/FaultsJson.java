package io.terway.eni.sim.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.fault.Effect;
import io.terway.eni.sim.fault.FaultRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The body of {@code PUT /_control/faults}: replaces every fault in force. */
record FaultsJson(long seed, List<FaultRule> rules, boolean stuckAttach, boolean stuckDetach, Duration skew) {

    static FaultsJson read(JsonNode body) {
        List<FaultRule> rules = new ArrayList<>();
        boolean attach = false;
        boolean detach = false;
        Duration skew = Duration.ZERO;
        if (!body.path("faults").isArray()) {
            throw new IllegalArgumentException("the body needs a list \"faults\"");
        }
        for (JsonNode fault : body.path("faults")) {
            String effect = fault.path("effect").asText();
            switch (effect) {
                case "stuck-attach" -> attach = true;
                case "stuck-detach" -> detach = true;
                case "clock-skew" ->
                    skew = Duration.ofMillis(fault.path("millis").asLong());
                default ->
                    rules.add(new FaultRule(
                            fault.path("action").asText("*"),
                            effect(effect, fault),
                            fault.path("probability").asDouble(1),
                            fault.path("times").asInt(0)));
            }
        }
        return new FaultsJson(body.path("seed").asLong(1), rules, attach, detach, skew);
    }

    private static Effect effect(String name, JsonNode fault) {
        return switch (name) {
            case "throttle" ->
                new Effect.Throttle(
                        fault.path("qps").asDouble(), fault.path("burst").asInt(1));
            case "fail" ->
                new Effect.Fail(
                        fault.path("status").asInt(500),
                        fault.path("code").asText("InternalError"),
                        fault.path("message").asText("A fault was asked for."));
            case "forbid" ->
                new Effect.Fail(403, "Forbidden.RAM", "User not authorized to operate on the specified resource.");
            case "hang" -> new Effect.Hang();
            case "lose-answer" -> new Effect.LoseAnswer();
            case "delay" ->
                new Effect.Delay(Duration.ofMillis(fault.path("millis").asLong(1_000)));
            case "duplicate" -> new Effect.Duplicate();
            default ->
                throw new IllegalArgumentException("effect '" + name + "' is none of throttle, fail, forbid, hang,"
                        + " lose-answer, delay, duplicate, stuck-attach, stuck-detach, clock-skew");
        };
    }

    Map<String, Object> apply(Desk desk) {
        desk.faults().set(seed, rules);
        desk.gate().skew(skew);
        Cloud cloud = desk.cloud();
        cloud.conditions().stuck(stuckAttach, stuckDetach);
        return Map.of("faults", rules);
    }

    static Map<String, Object> clear(Desk desk) {
        return new FaultsJson(1, List.of(), false, false, Duration.ZERO).apply(desk);
    }
}
