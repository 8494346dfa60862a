package io.terway.eni.operation;

import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.EniPage;
import io.terway.eni.EniQuery;
import io.terway.eni.NetworkInterface;
import io.terway.eni.time.Time;
import io.terway.net.EniId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Looks at ENIs: looks that fall due together are joined into one describe of up to 100 ids. */
final class Sightings {

    /** Looks within this time share a describe. */
    private static final Duration JOIN = Duration.ofMillis(50);

    private final Cloud cloud;
    private final Time time;

    // guarded by this
    private Map<EniId, CompletableFuture<CloudResult<Optional<NetworkInterface>>>> waiting = new HashMap<>();

    Sightings(Cloud cloud, Time time) {
        this.cloud = cloud;
        this.time = time;
    }

    /** The ENI as it is after the pause; empty when the cloud does not list it. Blocks. */
    CloudResult<Optional<NetworkInterface>> look(EniId eni, Duration after) {
        time.sleep(after);
        CompletableFuture<CloudResult<Optional<NetworkInterface>>> mine;
        synchronized (this) {
            if (waiting.isEmpty()) {
                time.start("look", this::describe);
            }
            mine = waiting.computeIfAbsent(eni, _ -> new CompletableFuture<>());
        }
        return time.join(mine);
    }

    private void describe() {
        time.sleep(JOIN);
        Map<EniId, CompletableFuture<CloudResult<Optional<NetworkInterface>>>> batch;
        synchronized (this) {
            batch = waiting;
            waiting = new HashMap<>();
        }
        List<EniId> ids = new ArrayList<>(batch.keySet());
        for (int from = 0; from < ids.size(); from += EniQuery.MAX_IDS) {
            List<EniId> some = ids.subList(from, Math.min(ids.size(), from + EniQuery.MAX_IDS));
            try {
                answer(some, batch, cloud.interfaces(new EniQuery.ByIds(some)));
            } catch (RuntimeException | Error e) {
                some.forEach(id -> batch.get(id).completeExceptionally(e));
                throw e;
            }
        }
    }

    private static void answer(
            List<EniId> ids,
            Map<EniId, CompletableFuture<CloudResult<Optional<NetworkInterface>>>> batch,
            CloudResult<EniPage> result) {
        switch (result) {
            case CloudResult.Failed<EniPage>(CloudFailure failure) ->
                ids.forEach(id -> batch.get(id).complete(CloudResult.failed(failure)));
            case CloudResult.Ok<EniPage>(EniPage page) -> {
                Map<EniId, NetworkInterface> seen = new HashMap<>();
                page.enis().forEach(eni -> seen.put(eni.id(), eni));
                ids.forEach(id -> batch.get(id).complete(CloudResult.ok(Optional.ofNullable(seen.get(id)))));
            }
        }
    }
}
