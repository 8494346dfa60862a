package io.terway.eni.sim.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.eni.sim.cloud.Conditions;
import io.terway.eni.sim.fault.FaultRule;
import io.terway.net.VSwitchId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The faults in force as they were told, and what they make of the cloud. Told again with the same seed at the same start,
 * the same calls meet the same fates. Not thread-safe.
 */
final class FaultBook {

    private static final String PROFILES = "fault-profiles.json";

    private final Desk desk;
    private final List<JsonNode> told = new ArrayList<>();
    private final Set<VSwitchId> emptied = new HashSet<>();
    private long seed = 1;

    FaultBook(Desk desk) {
        this.desk = desk;
    }

    /** Body of {@code PUT /_control/faults}: {@code {"seed","faults":[...]}} or {@code {"seed","profile":NAME}}. */
    JsonNode replace(JsonNode body) {
        JsonNode faults = body.has("profile") ? profile(body.path("profile").asText()) : body.path("faults");
        if (!faults.isArray()) {
            throw new IllegalArgumentException("the body needs a list \"faults\" or the name of a \"profile\"");
        }
        List<FaultRule> rules = new ArrayList<>();
        faults.forEach(fault -> rules.addAll(checked(fault).rules()));
        long newSeed = body.path("seed").asLong(1);
        desk.faults().set(newSeed, rules);
        seed = newSeed;
        told.clear();
        faults.forEach(told::add);
        settle();
        return show();
    }

    /** Body of {@code POST /_control/faults}: one fault more; the others go on where they are. */
    JsonNode add(JsonNode fault) {
        desk.faults().add(checked(fault).rules());
        told.add(fault);
        settle();
        return show();
    }

    /** Everything that can be wrong with a fault is found before anything changes. */
    private FaultJson checked(JsonNode fault) {
        FaultJson read = FaultJson.read(fault);
        read.standing().exhausted().forEach(desk.cloud().network()::vSwitch);
        return read;
    }

    JsonNode clear() {
        desk.faults().set(1, List.of());
        seed = 1;
        told.clear();
        settle();
        return show();
    }

    /** As told, with how many calls were struck so far by the rules together. */
    JsonNode show() {
        ObjectNode out = Json.MAPPER.createObjectNode().put("seed", seed);
        ArrayNode list = out.putArray("faults");
        told.forEach(list::add);
        return out.put("struck", desk.faults().struck());
    }

    /** What holds without any call. */
    private void settle() {
        Conditions conditions = desk.cloud().conditions();
        FaultJson.Standing all = FaultJson.Standing.NONE;
        for (JsonNode fault : told) {
            all = all.and(FaultJson.read(fault).standing());
        }
        conditions.stuck(all.attachStuck(), all.detachStuck());
        conditions.lags(Duration.ofMillis(all.staleReads()), Duration.ofMillis(all.metadataLag()));
        desk.gate().skew(Duration.ofMillis(all.skew()));
        emptied.forEach(vSwitch -> conditions.exhaust(vSwitch, false));
        emptied.clear();
        all.exhausted()
                .forEach(id -> emptied.add(desk.cloud().network().vSwitch(id).id()));
        emptied.forEach(vSwitch -> conditions.exhaust(vSwitch, true));
    }

    private static JsonNode profile(String name) {
        JsonNode profiles = profiles();
        if (!profiles.has(name)) {
            throw new IllegalArgumentException("there is no profile '" + name + "'; there are "
                    + String.join(
                            ", ",
                            profiles.properties().stream().map(p -> p.getKey()).toList()));
        }
        return profiles.path(name).path("faults");
    }

    /** The profiles that ship with the twin, each with what it is for. */
    static JsonNode profiles() {
        try (InputStream in = FaultBook.class.getResourceAsStream(PROFILES)) {
            return Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource " + PROFILES + " is unreadable", e);
        }
    }
}
