package io.terway.eni.operation;

import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.Tuning;
import io.terway.eni.VSwitch;
import io.terway.eni.VSwitchBook;
import io.terway.eni.VpcId;
import io.terway.eni.time.Time;
import io.terway.net.VSwitchId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The vSwitches of our VPCs, listed once per {@code ttl} and kept up by our own changes between. Any thread. */
public final class VSwitches {

    private final Cloud cloud;
    private final Supplier<Tuning> tuning;
    private final Time time;

    // guarded by this
    private final VSwitchBook book = new VSwitchBook();
    // guarded by this
    private final Map<VpcId, Long> listedAtNanos = new HashMap<>();

    public VSwitches(Cloud cloud, Supplier<Tuning> tuning, Time time) {
        this.cloud = cloud;
        this.tuning = tuning;
        this.time = time;
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

    /** The candidates to try by the configured policy, exhausted ones left out while another is open. */
    List<VSwitchId> choose(List<VSwitchId> candidates) {
        VSwitchBook.Policy policy = tuning.get().vSwitchPolicy();
        if (policy == VSwitchBook.Policy.MOST && candidates.size() > 1) {
            refresh(candidates);
        }
        synchronized (this) {
            return book.choose(candidates, policy, time.random(), time.now());
        }
    }

    /** Reads free addresses anew where they are too old; what the cloud does not tell counts as it was. */
    private void refresh(List<VSwitchId> candidates) {
        Set<VpcId> vpcs = new HashSet<>();
        for (VSwitchId id : candidates) {
            if (find(id) instanceof CloudResult.Ok<Optional<VSwitch>>(Optional<VSwitch> found)) {
                found.ifPresent(vSwitch -> vpcs.add(vSwitch.vpc()));
            }
        }
        list(vpcs);
    }

    synchronized void exhausted(VSwitchId id) {
        book.exhausted(id, time.now());
    }

    synchronized void used(VSwitchId id, int count) {
        book.used(id, count);
    }

    private synchronized boolean stale(VpcId vpc) {
        Long at = listedAtNanos.get(vpc);
        return at == null
                || time.nanos() - at > tuning.get().cache().vSwitches().toNanos();
    }

    private synchronized void listed(VpcId vpc, List<VSwitch> vSwitches) {
        book.seen(vSwitches);
        listedAtNanos.put(vpc, time.nanos());
    }

    private synchronized void seen(List<VSwitch> vSwitches) {
        book.seen(vSwitches);
    }
}
