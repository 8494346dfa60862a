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
            addresses.pods().stream()
                    .filter(pod -> pod.namespace().equals(set.namespace())
                            && pod.name().startsWith(set.name() + "-"))
                    .forEach(this::look);
        }
    }

    private void look(PodRef pod) {
        if (!complete()) {
            return;
        }
        if (!addresses.has(pod)) {
            forget(pod);
            return;
        }
        tell(pod, pods.exists(pod) || statefulSets.makes(pod));
    }

    private synchronized void forget(PodRef pod) {
        told.remove(pod);
    }

    private synchronized void tell(PodRef pod, boolean wanted) {
        if (!Boolean.valueOf(wanted).equals(told.put(pod, wanted))) {
            terms.tell(new IpamEvent.PodWanted(pod, wanted));
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
