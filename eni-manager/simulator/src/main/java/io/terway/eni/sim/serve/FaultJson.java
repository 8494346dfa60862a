package io.terway.eni.sim.serve;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.eni.sim.fault.Effect;
import io.terway.eni.sim.fault.FaultRule;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One fault as JSON: what it does to calls, and what it makes of the cloud while it is in force.
 *
 * @param rules for effects that strike calls
 */
record FaultJson(List<FaultRule> rules, Standing standing) {

    private static final Set<String> COMMON = Set.of("effect", "action", "probability", "times");

    /** Milliseconds, and false or zero for what is as always. */
    record Standing(
            boolean attachStuck,
            boolean detachStuck,
            long skew,
            long staleReads,
            long metadataLag,
            Set<VSwitchId> exhausted) {

        static final Standing NONE = new Standing(false, false, 0, 0, 0, Set.of());

        Standing and(Standing other) {
            Set<VSwitchId> both = new HashSet<>(exhausted);
            both.addAll(other.exhausted);
            return new Standing(
                    attachStuck | other.attachStuck,
                    detachStuck | other.detachStuck,
                    skew + other.skew,
                    Math.max(staleReads, other.staleReads),
                    Math.max(metadataLag, other.metadataLag),
                    Set.copyOf(both));
        }
    }

    /** @throws IllegalArgumentException naming the effect or the field that does not fit */
    static FaultJson read(JsonNode fault) {
        String effect = fault.path("effect").asText();
        long millis = number(fault, "millis", 1_000);
        return switch (effect) {
            case "throttle" ->
                calls(
                        fault,
                        new Effect.Throttle(fault.path("qps").asDouble(), (int) number(fault, "burst", 1)),
                        "qps",
                        "burst");
            case "throttle-profile" -> profile(fault);
            case "fail" ->
                calls(
                        fault,
                        new Effect.Fail(
                                (int) number(fault, "status", 500),
                                fault.path("code").asText("InternalError"),
                                fault.path("message").asText("A fault was asked for.")),
                        "status",
                        "code",
                        "message");
            case "forbid" ->
                calls(
                        fault,
                        new Effect.Fail(
                                403, "Forbidden.RAM", "User not authorized to operate on the specified resource."));
            case "quota" ->
                calls(
                        fault,
                        new Effect.Fail(
                                403,
                                fault.path("code").asText("MaxEniCountExceeded"),
                                "The quota of the account is reached."),
                        "code");
            case "hang" -> calls(fault, new Effect.Hang());
            case "lose-answer" -> calls(fault, new Effect.LoseAnswer());
            case "delay" -> calls(fault, new Effect.Delay(Duration.ofMillis(millis)), "millis");
            case "duplicate" -> calls(fault, new Effect.Duplicate());
            case "stuck-attach" -> standing(fault, new Standing(true, false, 0, 0, 0, Set.of()));
            case "stuck-detach" -> standing(fault, new Standing(false, true, 0, 0, 0, Set.of()));
            case "clock-skew" -> standing(fault, new Standing(false, false, millis, 0, 0, Set.of()), "millis");
            case "stale-reads" -> standing(fault, new Standing(false, false, 0, millis, 0, Set.of()), "millis");
            case "metadata-lag" -> standing(fault, new Standing(false, false, 0, 0, millis, Set.of()), "millis");
            case "exhaust" ->
                standing(
                        fault,
                        new Standing(
                                false,
                                false,
                                0,
                                0,
                                0,
                                Set.of(new VSwitchId(fault.path("vswitch").asText()))),
                        "vswitch");
            default ->
                throw new IllegalArgumentException(
                        "effect '" + effect + "' is none of throttle, throttle-profile, fail,"
                                + " forbid, quota, hang, lose-answer, delay, duplicate, stuck-attach, stuck-detach,"
                                + " stale-reads, metadata-lag, clock-skew, exhaust");
        };
    }

    private static FaultJson calls(JsonNode fault, Effect effect, String... own) {
        requireFields(fault, own);
        FaultRule rule = new FaultRule(
                fault.path("action").asText("*"),
                effect,
                fault.path("probability").asDouble(1),
                (int) number(fault, "times", 0));
        return new FaultJson(List.of(rule), Standing.NONE);
    }

    private static FaultJson standing(JsonNode fault, Standing standing, String... own) {
        requireFields(fault, own);
        return new FaultJson(List.of(), standing);
    }

    /** {@code "limits":{"CreateNetworkInterface":{"qps":1,"burst":2},"*":{"qps":10,"burst":20}}}; the star comes last. */
    private static FaultJson profile(JsonNode fault) {
        requireFields(fault, "limits");
        List<FaultRule> rules = new ArrayList<>();
        List<FaultRule> others = new ArrayList<>();
        fault.path("limits").properties().forEach(limit -> {
            Effect.Throttle throttle = new Effect.Throttle(
                    limit.getValue().path("qps").asDouble(), (int) number(limit.getValue(), "burst", 1));
            (limit.getKey().equals("*") ? others : rules).add(FaultRule.always(limit.getKey(), throttle));
        });
        if (rules.isEmpty() && others.isEmpty()) {
            throw new IllegalArgumentException("throttle-profile needs \"limits\" by action, with qps and burst each");
        }
        rules.addAll(others);
        return new FaultJson(rules, Standing.NONE);
    }

    /** A misspelt field would be a fault that does less than was meant. */
    private static void requireFields(JsonNode fault, String... own) {
        Set<String> known = new HashSet<>(COMMON);
        known.addAll(List.of(own));
        fault.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "effect '" + fault.path("effect").asText() + "' has no field '" + name + "'; it has "
                                + String.join(", ", known.stream().sorted().toList()));
            }
        });
    }

    private static long number(JsonNode from, String name, long otherwise) {
        JsonNode value = from.path(name);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || Math.abs(value.asLong()) > 86_400_000) {
            throw new IllegalArgumentException(name + " must be a whole number up to 86400000, not " + value);
        }
        return value.asLong();
    }
}
