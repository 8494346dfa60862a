package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.IpamCommand;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Taints that keep the scheduler from nodes that cannot give an address: the start-up taint, set by whoever makes nodes and
 * taken away when a node can serve for the first time, and our own while every address a node can hold is in use (kubelet's
 * max-pods knows nothing of addresses). One thread.
 */
final class NodeTaints {

    /** Node pools set it, with the effect NoSchedule or NoExecute, so that no pod comes before its address can. */
    static final String STARTING = "network.terway.io/agent-not-ready";

    /** Set by us, with the effect NoSchedule. */
    static final String FULL = "network.terway.io/no-free-address";

    private final KubernetesClient client;
    private final Map<NodeName, Shown> shown = new HashMap<>();

    private record Shown(boolean ready, boolean full) {}

    NodeTaints(KubernetesClient client) {
        this.client = client;
    }

    void show(NodeName name, IpamCommand.ShowStatus status) {
        Shown next = new Shown(status.ready(), status.full());
        if (next.equals(shown.get(name))) {
            return;
        }
        Node node = client.nodes().withName(name.value()).get();
        if (node != null) {
            List<Taint> now = node.getSpec() == null || node.getSpec().getTaints() == null
                    ? List.of()
                    : node.getSpec().getTaints();
            List<Taint> wanted = wanted(now, next);
            if (!wanted.equals(now)) {
                write(name, node, wanted);
            }
        }
        shown.put(name, next);
    }

    /** The list is replaced, and only the one that was read: somebody else's taint is never lost. */
    private void write(NodeName name, Node node, List<Taint> wanted) {
        String read = node.getMetadata().getResourceVersion();
        List<Map<String, Object>> operations = List.of(
                Map.of("op", "test", "path", "/metadata/resourceVersion", "value", read),
                Map.of("op", "add", "path", "/spec/taints", "value", wanted));
        client.nodes().withName(name.value()).patch(PatchContext.of(PatchType.JSON), Serialization.asJson(operations));
    }

    private static List<Taint> wanted(List<Taint> now, Shown shown) {
        List<Taint> wanted = new ArrayList<>();
        for (Taint taint : now) {
            boolean over = taint.getKey().equals(STARTING) && shown.ready()
                    || taint.getKey().equals(FULL) && !shown.full();
            if (!over) {
                wanted.add(taint);
            }
        }
        if (shown.full() && wanted.stream().noneMatch(taint -> taint.getKey().equals(FULL))) {
            wanted.add(new TaintBuilder().withKey(FULL).withEffect("NoSchedule").build());
        }
        return wanted;
    }
}
