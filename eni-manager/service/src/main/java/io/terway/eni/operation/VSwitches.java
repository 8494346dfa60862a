package io.terway.eni.operation;

import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.VSwitch;
import io.terway.eni.VSwitchBook;
import io.terway.eni.VpcId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The vSwitches of our VPCs, listed once per {@code ttl} and kept up by our own changes between. Any thread. */
public final class VSwitches {

    private final Cloud cloud;
    private final Duration ttl;

    // guarded by this
    private final VSwitchBook book = new VSwitchBook();
    // guarded by this
    private final Map<VpcId, Long> listedAtNanos = new HashMap<>();

    public VSwitches(Cloud cloud, Duration ttl) {
        this.cloud = cloud;
        this.ttl = ttl;
    }

    /** One vSwitch, from memory when it was ever seen; its blocks never change. */
    public CloudResult<Optional<VSwitch>> find(VSwitchId id) {
        VSwitch known;
        synchronized (this) {
            known = book.known().get(id);
        }
        return known != null
                ? CloudResult.ok(Optional.of(known))
                : cloud.vSwitch(id).map(found -> {
                    seen(found);
                    return found.stream().findFirst();
                });
    }

    /** All vSwitches of these VPCs, listed anew where the last listing is too old. */
    public CloudResult<List<VSwitch>> list(Collection<VpcId> vpcs) {
        List<VSwitch> all = new ArrayList<>();
        for (VpcId vpc : vpcs) {
            if (stale(vpc)) {
                switch (cloud.vSwitches(vpc)) {
                    case CloudResult.Failed<List<VSwitch>>(CloudFailure failure) -> {
                        return CloudResult.failed(failure);
                    }
                    case CloudResult.Ok<List<VSwitch>>(List<VSwitch> listed) -> listed(vpc, listed);
                }
            }
            synchronized (this) {
                book.known().values().stream()
                        .filter(vSwitch -> vSwitch.vpc().equals(vpc))
                        .forEach(all::add);
            }
        }
        return CloudResult.ok(all);
    }

    /** The candidates to try, exhausted ones left out while another is open. */
    synchronized List<VSwitchId> choose(List<VSwitchId> candidates) {
        return book.choose(candidates, VSwitchBook.Policy.ORDERED, 0, Instant.now());
    }

    synchronized void exhausted(VSwitchId id) {
        book.exhausted(id, Instant.now());
    }

    synchronized void used(VSwitchId id, int count) {
        book.used(id, count);
    }

    private synchronized boolean stale(VpcId vpc) {
        Long at = listedAtNanos.get(vpc);
        return at == null || System.nanoTime() - at > ttl.toNanos();
    }

    private synchronized void listed(VpcId vpc, List<VSwitch> vSwitches) {
        book.seen(vSwitches);
        listedAtNanos.put(vpc, System.nanoTime());
    }

    private synchronized void seen(List<VSwitch> vSwitches) {
        book.seen(vSwitches);
    }
}
