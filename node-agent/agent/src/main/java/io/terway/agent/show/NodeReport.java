package io.terway.agent.show;

import io.terway.agent.ipam.WireForm;
import io.terway.agent.node.Preflight;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Cooling;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import io.terway.wire.agent.v1.Finding;
import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.NodeAddress;
import io.terway.wire.agent.v1.NodeEni;
import io.terway.wire.agent.v1.PoolSummary;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/** The ledger as people see it: ENIs with their addresses, and the pool in numbers. */
public final class NodeReport {

    private NodeReport() {}

    /**
     * @param links name of an ENI's link; empty while it has none
     * @return everything of the node that the ledger knows
     */
    public static Node of(LedgerState state, BootTime now, Function<EniId, String> links) {
        Node.Builder node = Node.newBuilder();
        state.config()
                .ifPresent(c -> node.setNetworkMode(c.mode().toString())
                        .setVirtualType(c.virtualType().toString()));
        for (OfferedEni eni : state.enis()) {
            if (!eni.primary() || isUsed(state, eni.id())) {
                node.addEnis(NodeEni.newBuilder()
                        .setEni(WireForm.eni(eni))
                        .setLink(links.apply(eni.id()))
                        .addAllAddresses(addresses(state, eni.id(), now)));
            }
        }
        return node.setPool(pool(state, now)).build();
    }

    /** What a look at the node found. */
    public static List<Finding> of(List<Preflight.Finding> found) {
        return found.stream()
                .map(f -> Finding.newBuilder()
                        .setWhat(f.what())
                        .setRemedy(f.remedy())
                        .build())
                .toList();
    }

    /** In VPC mode the primary ENI carries the pods' addresses. */
    private static boolean isUsed(LedgerState state, EniId eni) {
        return state.offered().stream().anyMatch(a -> a.eni().equals(eni));
    }

    /**
     * allocated + available + cooling is what the node holds; the first two make the pool's total. A pod counts once: with
     * two families, by its first. An ENI given whole counts as the pod it serves.
     */
    public static PoolSummary pool(LedgerState state, BootTime now) {
        Predicate<Ip> counts = state.config()
                .<Predicate<Ip>>map(c -> ip -> ip.family() == c.families().getFirst())
                .orElse(_ -> true);
        Set<Ip> held = new TreeSet<>();
        state.bindings().forEach(b -> b.ips().stream().filter(counts).forEach(held::add));
        int cooling = 0;
        int available = 0;
        for (OfferedAddress offered : state.offered()) {
            if (counts.test(offered.ip()) && !held.contains(offered.ip())) {
                if (state.coolingLeft(offered.ip(), now).isPositive()) {
                    cooling++;
                } else {
                    available++;
                }
            }
        }
        return PoolSummary.newBuilder()
                .setAllocated(held.size())
                .setAvailable(available)
                .setCooling(cooling)
                .setTotal(held.size() + available)
                .setCapacity(state.config().map(c -> c.options().capacity()).orElse(0))
                .build();
    }

    private static List<NodeAddress> addresses(LedgerState state, EniId eni, BootTime now) {
        Map<Ip, NodeAddress> found = new TreeMap<>();
        state.offered().stream()
                .filter(a -> a.eni().equals(eni))
                .forEach(a -> found.put(a.ip(), free(state, a.ip(), now)));
        state.withdrawn().stream()
                .filter(a -> a.eni().equals(eni))
                .forEach(a -> found.put(
                        a.ip(), address(a.ip(), NodeAddress.State.WITHDRAWN).build()));
        for (Binding binding : state.bindings()) {
            if (binding.eni().equals(eni)) {
                binding.ips()
                        .forEach(ip -> found.put(
                                ip,
                                address(ip, NodeAddress.State.ALLOCATED)
                                        .setPod(WireForm.pod(binding.pod()))
                                        .build()));
            }
        }
        return List.copyOf(found.values());
    }

    private static NodeAddress free(LedgerState state, Ip ip, BootTime now) {
        Duration left = state.coolingLeft(ip, now);
        Optional<Cooling> release = state.lastRelease(ip);
        if (!left.isPositive() || release.isEmpty()) {
            return address(ip, NodeAddress.State.AVAILABLE).build();
        }
        return address(ip, NodeAddress.State.COOLING)
                .setPod(WireForm.pod(release.get().lastHolder()))
                .setCoolingMs(left.toMillis())
                .build();
    }

    private static NodeAddress.Builder address(Ip ip, NodeAddress.State state) {
        return NodeAddress.newBuilder().setAddress(ip.toString()).setState(state);
    }
}
