package io.terway.eni.sim.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.terway.eni.sim.VpcView;
import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.net.InstanceId;
import io.terway.net.VSwitchId;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What a person or a test sets and reads beside the API: JSON over HTTP below {@code /_control}. */
final class Control {

    static final String PREFIX = "/_control";

    private final Twin twin;

    Control(Twin twin) {
        this.twin = twin;
    }

    void handle(HttpServerRequest request, String body) {
        String route = request.method().name() + " " + request.path().substring(PREFIX.length());
        try {
            Object answer = route(route, body);
            long revision = twin.with(desk -> desk.cloud().changes().revision());
            Context context = Vertx.currentContext();
            twin.whenCarried(revision, () -> Answers.on(context, () -> Answers.json(request.response(), 200, answer)));
        } catch (Refusal e) {
            Answers.json(request.response(), e.status(), Map.of("error", e.getMessage()));
        } catch (JsonProcessingException e) {
            Answers.json(request.response(), 400, Map.of("error", e.getOriginalMessage()));
        } catch (IllegalArgumentException e) {
            Answers.json(request.response(), 400, Map.of("error", String.valueOf(e.getMessage())));
        }
    }

    private Object route(String route, String body) throws JsonProcessingException {
        return switch (route) {
            case "GET /state" -> twin.with(desk -> state(desk.cloud()));
            case "GET /calls" -> twin.with(desk -> Map.copyOf(desk.calls()));
            case "GET /faults" -> twin.with(desk -> desk.book().show());
            case "GET /faults/profiles" -> FaultBook.profiles();
            case "PUT /faults" -> {
                JsonNode faults = Json.MAPPER.readTree(body);
                yield twin.with(desk -> desk.book().replace(faults));
            }
            case "POST /faults" -> {
                JsonNode fault = Json.MAPPER.readTree(body);
                yield twin.with(desk -> desk.book().add(fault));
            }
            case "DELETE /faults" -> twin.with(desk -> desk.book().clear());
            case "PUT /latencies" -> latencies(Json.MAPPER.readTree(body));
            default -> item(route);
        };
    }

    private Object item(String route) {
        String[] parts = route.split("/");
        if (parts.length != 4 || !parts[0].equals("POST ")) {
            throw new IllegalArgumentException("there is no " + route + "; known are GET /state, /calls, /faults and"
                    + " /faults/profiles, PUT /faults and /latencies, POST and DELETE /faults, POST /instances/ID/stop|start|release and"
                    + " /vswitches/ID/exhaust|refill");
        }
        String what = parts[1] + " " + parts[3];
        return twin.with(desk -> {
            Cloud cloud = desk.cloud();
            switch (what) {
                case "instances stop" -> cloud.setStatus(new InstanceId(parts[2]), Instance.Status.STOPPED);
                case "instances start" -> cloud.setStatus(new InstanceId(parts[2]), Instance.Status.RUNNING);
                case "instances release" -> cloud.release(new InstanceId(parts[2]));
                case "vswitches exhaust" -> exhaust(cloud, parts[2], true);
                case "vswitches refill" -> exhaust(cloud, parts[2], false);
                default -> throw new IllegalArgumentException("nothing known does '" + what + "'");
            }
            return Map.of("done", what + " " + parts[2]);
        });
    }

    private static void exhaust(Cloud cloud, String id, boolean exhausted) {
        cloud.conditions().exhaust(cloud.network().vSwitch(new VSwitchId(id)).id(), exhausted);
    }

    private Object latencies(JsonNode body) {
        return twin.with(desk -> {
            Latencies old = desk.cloud().conditions().latencies();
            Latencies fresh = Latencies.ofMillis(
                    millis(body, "attach", old.attach()),
                    millis(body, "memberAttach", old.memberAttach()),
                    millis(body, "detach", old.detach()),
                    millis(body, "delete", old.delete()),
                    millis(body, "addressing", old.addressing()),
                    millis(body, "route", old.route()),
                    millis(body, "visibility", old.visibility()),
                    millis(body, "metadata", old.metadata()));
            desk.cloud().conditions().latencies(fresh);
            return fresh;
        });
    }

    private static long millis(JsonNode body, String name, java.time.Duration otherwise) {
        JsonNode value = body.path(name);
        if (value.isMissingNode()) {
            return otherwise.toMillis();
        }
        if (!value.isIntegralNumber() || value.asLong() < 0 || value.asLong() > 3_600_000) {
            throw new IllegalArgumentException(name + " must be 0 to 3600000 milliseconds, not " + value);
        }
        return value.asLong();
    }

    private static Map<String, Object> state(Cloud cloud) {
        VpcView view = VpcView.of(cloud, Set.of());
        Map<String, Object> free = new LinkedHashMap<>();
        view.vSwitches().forEach(v -> free.put(v.id().value(), cloud.network().freeAddresses(v.id())));
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("region", cloud.region());
        out.put("revision", view.revision());
        out.put("freeAddresses", free);
        out.put("latencies", cloud.conditions().latencies());
        out.put("cloud", cloud.snapshot());
        return out;
    }
}
