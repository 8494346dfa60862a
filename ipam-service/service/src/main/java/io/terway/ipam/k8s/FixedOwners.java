package io.terway.ipam.k8s;

import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.PodRef;
import java.util.HashMap;
import java.util.Map;

/** Tells the loop which fixed addresses somebody still wants: the pod exists, or its StatefulSet will make it again. */
public final class FixedOwners implements Terms.Follower {

    private final Terms terms;
    private final PodNetInfoWatch addresses;
    private final PodWatch pods;
    private final StatefulSetWatch statefulSets;
    private final Map<PodRef, Boolean> told = new HashMap<>(); // guarded by this

    public FixedOwners(Terms terms, PodNetInfoWatch addresses, PodWatch pods, StatefulSetWatch statefulSets) {
        this.terms = terms;
        this.addresses = addresses;
        this.pods = pods;
        this.statefulSets = statefulSets;
        addresses.listen(this::look);
        pods.listen(this::look);
        statefulSets.listen(this::lookAt);
    }

    /** Something may have been listed: before all is, nothing is said. */
    public void listed() {
        if (complete()) {
            addresses.pods().forEach(this::look);
        }
    }

    private boolean complete() {
        return pods.synced() && statefulSets.synced() && addresses.synced();
    }

    /** A StatefulSet has changed: its pods are told by their names. */
    private void lookAt(PodRef set) {
        if (complete()) {
            addresses.podsOf(set).forEach(this::look);
        }
    }

    private void look(PodRef pod) {
        if (!complete()) {
            return;
        }
        synchronized (this) {
            if (!addresses.has(pod)) {
                told.remove(pod);
                return;
            }
            // Asked under the lock: three watches look at once, and the last one to tell must be the last one to have
            // asked.
            boolean wanted = pods.exists(pod) || statefulSets.makes(pod);
            if (!Boolean.valueOf(wanted).equals(told.put(pod, wanted))) {
                terms.tell(new IpamEvent.PodWanted(pod, wanted));
            }
        }
    }

    @Override
    public void begins(LoopThread loop) {
        forgetAll();
        listed();
    }

    private synchronized void forgetAll() {
        told.clear();
    }

    @Override
    public void ends(LoopThread loop) {}
}
