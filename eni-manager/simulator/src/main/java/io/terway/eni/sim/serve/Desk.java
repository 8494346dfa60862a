package io.terway.eni.sim.serve;

import io.terway.eni.sim.action.Action;
import io.terway.eni.sim.action.Actions;
import io.terway.eni.sim.action.Call;
import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.fault.Effect;
import io.terway.eni.sim.fault.FaultPlan;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.eni.sim.rpc.AccessKeys;
import io.terway.eni.sim.rpc.CallQuota;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Gate;
import io.terway.eni.sim.rpc.Params;
import io.terway.eni.sim.rpc.RateLimits;
import io.terway.eni.sim.rpc.Render;
import io.terway.eni.sim.rpc.Repeats;
import io.terway.eni.sim.rpc.WireRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Takes one call after the other from raw text to reply: admission, faults, quota, idempotency, action. Not thread-safe.
 */
public final class Desk {

    private static final String HOST = "ecs.aliyuncs.com";

    private final Cloud cloud;
    private final Actions actions;
    private final AccessKeys keys;
    private final Gate gate;
    private final CallQuota quota;
    private final Repeats repeats;
    private final FaultPlan faults = new FaultPlan();
    private final FaultBook book = new FaultBook(this);
    private final SplittableRandom requestIds;
    private final Map<String, Long> calls = new TreeMap<>();

    Desk(Cloud cloud, AccessKeys keys, Repeats repeats, RateLimits limits, long seed) {
        this.cloud = cloud;
        this.keys = keys;
        this.gate = new Gate(keys);
        this.actions = new Actions(keys);
        this.quota = new CallQuota(limits);
        this.repeats = repeats;
        this.requestIds = new SplittableRandom(seed);
    }

    /** Never throws: what goes wrong inside is the answer InternalError, which tests look for. */
    Reply handle(WireRequest request, Instant now) {
        Params params = new Params(Map.of());
        try {
            params = request.params();
            return perform(request, params, now);
        } catch (Refusal e) {
            return refused(params, e);
        } catch (RuntimeException e) {
            e.printStackTrace(System.err);
            return refused(params, ErrorCode.INTERNAL.refuse("The request processing has failed: %s", e));
        }
    }

    private Reply perform(WireRequest request, Params params, Instant now) {
        if (!request.method().equals("GET") && !request.method().equals("POST")) {
            throw ErrorCode.UNSUPPORTED_METHOD.refuse("This http method is not supported.");
        }
        String accessKey = actions.unsigned(params) ? "" : gate.admit(request, params, now);
        Action action = actions.find(params, cloud.region());
        calls.merge(action.name(), 1L, Long::sum);
        Optional<Effect> struck = faults.strike(action.name(), now);
        Reply.Delivery delivery = struck.map(Desk::fate).orElse(Reply.AT_ONCE);
        if (delivery instanceof Reply.Delivery.Hanging) {
            return new Reply(0, "", "", delivery, 0);
        }
        quota.spend(action.name(), now);
        long before = cloud.changes().revision();
        Call call = new Call(cloud, params, now);
        Fields answer = action.token()
                ? repeats.once(accessKey, params, () -> action.perform().apply(call))
                : action.perform().apply(call);
        struck.filter(Effect.Duplicate.class::isInstance).ifPresent(d -> again(action, call, accessKey));
        if (action.token() && cloud.changes().revision() == before) {
            cloud.noteChange();
        }
        long after = cloud.changes().revision();
        return reply(
                200, params, action.name() + "Response", answer, slower(action, delivery), after == before ? 0 : after);
    }

    /** Throws the refusals, passes the fate on. */
    private static Reply.Delivery fate(Effect effect) {
        return switch (effect) {
            case Effect.Throttle t -> throw ErrorCode.THROTTLED.refuse("Request was denied due to user flow control.");
            case Effect.Fail f -> throw new Refusal(f.code(), f.status(), f.message());
            case Effect.Hang h -> new Reply.Delivery.Hanging();
            case Effect.LoseAnswer l -> new Reply.Delivery.Lost();
            case Effect.Delay d -> new Reply.Delivery.Sent(d.by());
            case Effect.Duplicate d -> Reply.AT_ONCE;
        };
    }

    private void again(Action action, Call call, String accessKey) {
        try {
            if (action.token()) {
                repeats.once(accessKey, call.params(), () -> action.perform().apply(call));
            } else {
                action.perform().apply(call);
            }
        } catch (Refusal e) {
            // The second arrival of a request is refused silently: its sender is not listening.
        }
    }

    private Reply.Delivery slower(Action action, Reply.Delivery delivery) {
        boolean addressing = action.mutates() && action.name().contains("ssign");
        Duration own = addressing ? cloud.conditions().latencies().addressing() : Duration.ZERO;
        return delivery instanceof Reply.Delivery.Sent sent
                ? new Reply.Delivery.Sent(sent.after().plus(own))
                : delivery;
    }

    private Reply refused(Params params, Refusal refusal) {
        Fields body = Fields.of()
                .put("HostId", HOST)
                .put("Code", refusal.code())
                .put("Message", refusal.getMessage())
                .put("Recommend", "https://api.aliyun.com/troubleshoot?q=" + refusal.code());
        return reply(refusal.status(), params, "Error", body, Reply.AT_ONCE, 0);
    }

    private Reply reply(int status, Params params, String root, Fields body, Reply.Delivery delivery, long revision) {
        String id = new UUID(requestIds.nextLong(), requestIds.nextLong())
                .toString()
                .toUpperCase(java.util.Locale.ROOT);
        Render render = Render.asked(params);
        String text = render.write(root, Fields.of().put("RequestId", id).merge(body));
        return new Reply(status, render.contentType(), text, delivery, revision);
    }

    public Cloud cloud() {
        return cloud;
    }

    public AccessKeys keys() {
        return keys;
    }

    public Gate gate() {
        return gate;
    }

    public FaultPlan faults() {
        return faults;
    }

    FaultBook book() {
        return book;
    }

    public Repeats repeats() {
        return repeats;
    }

    /** Admitted calls by action since the start. */
    public Map<String, Long> calls() {
        return Collections.unmodifiableMap(calls);
    }
}
