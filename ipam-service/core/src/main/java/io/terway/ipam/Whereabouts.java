package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * At which node an address or an ENI is, as ledgers and the cloud say, and what operations bring by name. An address is at one
 * node as a rule, at more while one of them says what is no longer so. Kept up to date with each change, so that a question costs
 * the same in every cluster.
 */
final class Whereabouts {

    private final Map<Ip, NodeState> first = new HashMap<>();
    /** Of an address at several nodes, those after the first. */
    private final Map<Ip, List<NodeState>> further = new HashMap<>();
    /** Nodes that have an ENI, and open operations on it. */
    private final Map<EniId, Integer> enis = new HashMap<>();
    /** Open operations that bring an address. */
    private final Map<Ip, Integer> coming = new HashMap<>();

    void add(Ip ip, NodeState node) {
        if (first.putIfAbsent(ip, node) != null) {
            further.computeIfAbsent(ip, _ -> new ArrayList<>(1)).add(node);
        }
    }

    void remove(Ip ip, NodeState node) {
        List<NodeState> more = further.get(ip);
        if (more == null) {
            first.remove(ip, node);
            return;
        }
        if (!more.remove(node)) {
            first.put(ip, more.removeLast());
        }
        if (more.isEmpty()) {
            further.remove(ip);
        }
    }

    void add(EniId eni) {
        enis.merge(eni, 1, Integer::sum);
    }

    void remove(EniId eni) {
        less(enis, eni);
    }

    void begun(Operation operation) {
        operation.eni().ifPresent(this::add);
        operation.named().forEach(ip -> coming.merge(ip, 1, Integer::sum));
    }

    void ended(Operation operation) {
        operation.eni().ifPresent(this::remove);
        operation.named().forEach(ip -> less(coming, ip));
    }

    private static <K> void less(Map<K, Integer> counts, K key) {
        counts.computeIfPresent(key, (_, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    }

    /** Nodes that have the address in whatever state. */
    List<NodeState> of(Ip ip) {
        NodeState one = first.get(ip);
        if (one == null) {
            return List.of();
        }
        List<NodeState> more = further.get(ip);
        if (more == null) {
            return List.of(one);
        }
        List<NodeState> all = new ArrayList<>(more);
        all.add(one);
        return all;
    }

    /** An operation that is open brings the address to a node. */
    boolean isComing(Ip ip) {
        return coming.containsKey(ip);
    }

    /** No node has the ENI, and nothing is being done with it. */
    boolean isNowhere(EniId eni) {
        return !enis.containsKey(eni);
    }
}
