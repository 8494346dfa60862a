package io.terway.ipam;

import io.terway.ipam.AllocateOutcome.Pending;
import io.terway.ipam.AllocateOutcome.Proposed;
import io.terway.net.Family;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** ENIs that one pod has whole: their security groups before the pod gets them, and after it is gone. */
final class OwnEnis {

    /** A security group is set within a second; the agent is also woken by an offer. */
    private static final Duration GROUPS_WITHIN = Duration.ofMillis(500);

    private static final int FAMILIES = Family.values().length;

    private final Cluster cluster;
    private final Operations operations;

    OwnEnis(Cluster cluster, Operations operations) {
        this.cluster = cluster;
        this.operations = operations;
    }

    /** The groups an ENI of the pool has. */
    static List<SecurityGroupId> defaultGroups(Cluster cluster, NodeState node) {
        List<SecurityGroupId> configured = cluster.config(node).groups();
        return configured.isEmpty() ? node.cloud.map(CloudInstance::groups).orElse(List.of()) : configured;
    }

    /** @param wanted empty: the pool's */
    static boolean hasGroups(Cluster cluster, NodeState node, EniPool eni, List<SecurityGroupId> wanted) {
        List<SecurityGroupId> defaults = defaultGroups(cluster, node);
        return eni.groups.isEmpty()
                ? wanted.isEmpty() // unknown: as it was created
                : new HashSet<>(eni.groups).equals(new HashSet<>(wanted.isEmpty() ? defaults : wanted))
                        || wanted.isEmpty() && defaults.isEmpty();
    }

    /** An ENI that one pod had and that still has that pod's groups must not be shared. */
    static boolean foreignGroups(Cluster cluster, NodeState node, EniPool eni) {
        return eni.slots.size() <= FAMILIES
                && !eni.groups.isEmpty()
                && eni.onlyOwn()
                && eni.free()
                && !hasGroups(cluster, node, eni, List.of());
    }

    /** Answers a request that has an ENI reserved: only with the pod's groups on it. */
    AllocateOutcome answer(NodeState node, Requests.Reservation reservation, Instant now) {
        return answer(node, reservation, false, now);
    }

    AllocateOutcome answer(NodeState node, Requests.Reservation reservation, boolean fixed, Instant now) {
        EniPool eni = reservation.slots().getFirst().eni;
        if (eni.operation == 0 && hasGroups(cluster, node, eni, reservation.groups())) {
            return new Proposed(reservation.addresses(), fixed, reservation.attachment());
        }
        if (eni.operation == 0 && !now.isBefore(node.orderAfter)) {
            setGroups(node, eni, reservation.groups());
        }
        return new Pending(GROUPS_WITHIN, "setting the security groups of " + eni.id);
    }

    private void setGroups(NodeState node, EniPool eni, List<SecurityGroupId> groups) {
        List<SecurityGroupId> wanted = groups.isEmpty() ? defaultGroups(cluster, node) : groups;
        long operation = cluster.nextOperation();
        operations.open(node, new PoolCommand.ModifyEni(operation, node.identity.instance(), eni.id, wanted));
    }

    /** A pod with an address asks for these groups from now on. */
    void regrouped(IpamEvent.PodRegrouped pod) {
        switch (PodWishes.read(pod.annotations())) {
            case PodWishes.Reading.Read(PodWishes wishes) -> {
                cluster.wishedGroups
                        .computeIfAbsent(pod.node(), _ -> new HashMap<>())
                        .put(pod.uid(), wishes.groups());
                Optional.ofNullable(cluster.nodes.get(pod.node())).ifPresent(cluster::touch);
            }
            case PodWishes.Reading.Unreadable bad ->
                cluster.say(new IpamCommand.Notice(
                        pod.node(),
                        true,
                        "SecurityGroupsUnchanged",
                        "pod with uid " + pod.uid() + " keeps its security groups: " + bad.why()));
        }
    }

    /** The pod is gone. */
    void forget(IpamEvent.PodSettled pod) {
        Map<String, List<SecurityGroupId>> there = cluster.wishedGroups.get(pod.node());
        if (there != null && there.remove(pod.uid()) != null && there.isEmpty()) {
            cluster.wishedGroups.remove(pod.node());
        }
    }

    /** Gives the ENIs of pods whose annotations were changed the groups that these ask for now. */
    void regroup(NodeState node, Instant now) {
        Map<String, List<SecurityGroupId>> wishes = cluster.wishedGroups.getOrDefault(node.name, Map.of());
        if (wishes.isEmpty() || now.isBefore(node.orderAfter)) {
            return;
        }
        for (Binding binding : node.bindings.values()) {
            List<SecurityGroupId> wanted = wishes.get(binding.holder().uid());
            EniPool eni = node.enis.get(binding.addresses().getFirst().eni());
            boolean whole = wanted != null
                    && eni != null
                    && !eni.groups.isEmpty()
                    && node.role(eni).map(Attachment::wholeEni).orElse(false)
                    && eni.onlyOwn();
            if (whole && eni.operation == 0 && eni.usable() && !refused(node, wanted, now)) {
                if (!hasGroups(cluster, node, eni, wanted)) {
                    setGroups(node, eni, wanted);
                }
            }
        }
    }

    private static boolean refused(NodeState node, List<SecurityGroupId> wanted, Instant now) {
        NodeState.RefusedGroups refusal = node.refusedGroups.get(wanted);
        return refusal != null && refusal.until().isAfter(now);
    }

    /** Gives ENIs that no pod has the pool's groups back. False when all have them, or are a pod's with groups of its own. */
    boolean restoreGroups(NodeState node, Instant now) {
        boolean foreign = false;
        for (EniPool eni : node.enis.values()) {
            if (eni.groups.isEmpty()
                    || eni.slots.size() > FAMILIES
                    || eni.use() == CloudEni.Use.TRUNK
                    || node.role(eni).isEmpty()
                    || cluster.fixed.keeps(eni)
                    || hasGroups(cluster, node, eni, List.of())) {
                continue;
            }
            foreign = true;
            boolean idle = eni.census.count(Census.Kind.BOUND) + eni.census.count(Census.Kind.RESERVED) == 0;
            boolean may = !now.isBefore(node.orderAfter) && eni.operation == 0 && eni.usable() && eni.onlyOwn();
            if (idle && may && !wantedAsItIs(node, eni)) {
                setGroups(node, eni, List.of());
            }
        }
        return foreign;
    }

    /** It was made with the groups of a pod that still waits for it. */
    private boolean wantedAsItIs(NodeState node, EniPool eni) {
        Attachment role = node.role(eni).orElseThrow();
        return role.wholeEni()
                && node.requests.waitingFor(role).stream()
                        .anyMatch(wait -> hasGroups(cluster, node, eni, wait.groups()));
    }

    /** In ENI mode: addresses beside the ENI's own, left from another mode, go back. */
    static List<Slot> leftOver(NodeState node) {
        if (node.mode == EniConfig.Mode.ENIIP) {
            return List.of();
        }
        return node.enis.values().stream()
                .filter(eni -> node.role(eni).map(Attachment::wholeEni).orElse(false) && !eni.onlyOwn())
                .flatMap(eni -> eni.in(Census.Kind.IDLE).stream())
                .filter(slot -> !slot.own)
                .toList();
    }
}
