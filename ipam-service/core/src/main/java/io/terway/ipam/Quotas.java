package io.terway.ipam;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Pods with addresses per namespace, where a namespace has a quota. Nothing is counted while none has. */
final class Quotas {

    private final Cluster cluster;
    private final Map<String, Integer> limits = new HashMap<>();
    private final Map<String, Integer> used = new HashMap<>();
    /** As their pods show what other shards have given. */
    private final Map<String, Integer> elsewhere = new HashMap<>();

    Quotas(Cluster cluster) {
        this.cluster = cluster;
    }

    void set(IpamEvent.NamespaceSeen seen) {
        boolean none = limits.isEmpty();
        if (seen.quota().isPresent()) {
            limits.put(seen.namespace(), seen.quota().getAsInt());
        } else {
            limits.remove(seen.namespace());
        }
        if (none && !limits.isEmpty()) {
            recount();
        } else if (limits.isEmpty()) {
            used.clear();
        }
    }

    void elsewhere(IpamEvent.PodsElsewhere pods) {
        if (pods.count() > 0) {
            elsewhere.put(pods.namespace(), pods.count());
        } else {
            elsewhere.remove(pods.namespace());
        }
    }

    private void recount() {
        used.clear();
        for (NodeState node : cluster.nodes.values()) {
            node.bindings.values().forEach(binding -> count(binding.holder(), 1));
            node.requests.reserved().forEach(holder -> count(holder, 1));
        }
    }

    void count(Holder holder, int delta) {
        if (!limits.isEmpty()) {
            used.merge(holder.pod().namespace(), delta, Integer::sum);
        }
    }

    /** Why a pod of this namespace gets no further address; empty when it may. */
    Optional<String> exceeded(Holder holder) {
        if (limits.isEmpty()) {
            return Optional.empty();
        }
        String namespace = holder.pod().namespace();
        Integer limit = limits.get(namespace);
        int now = used.getOrDefault(namespace, 0) + elsewhere.getOrDefault(namespace, 0);
        return limit == null || now < limit
                ? Optional.empty()
                : Optional.of("namespace " + namespace + " has " + now + " pods with addresses and its annotation "
                        + IpamEvent.NamespaceSeen.QUOTA + " allows " + limit);
    }
}
