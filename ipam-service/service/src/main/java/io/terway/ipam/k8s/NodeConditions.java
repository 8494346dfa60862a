package io.terway.ipam.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.IpamCommand;
import io.terway.net.NodeName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The condition SufficientIP and the extended resources in a Node's status, written when they change. One thread. */
final class NodeConditions {

    static final String ENI = "aliyun/eni";
    static final String MEMBER = "aliyun/member-eni";

    private final KubernetesClient client;
    private final Map<NodeName, Shown> shown = new HashMap<>();

    private record Shown(boolean sufficient, String message, int enis, int members) {}

    NodeConditions(KubernetesClient client) {
        this.client = client;
    }

    void show(NodeName name, IpamCommand.ShowStatus status) {
        Shown next = new Shown(status.sufficient(), status.message(), status.enis(), status.members());
        Shown before = shown.get(name);
        if (next.equals(before)) {
            return;
        }
        Map<String, Object> body = new LinkedHashMap<>();
        if (before == null || before.sufficient != next.sufficient || !before.message.equals(next.message)) {
            body.put("conditions", List.of(condition(status)));
        }
        if (before == null || before.enis != next.enis || before.members != next.members) {
            Map<String, String> resources =
                    Map.of(ENI, Integer.toString(status.enis()), MEMBER, Integer.toString(status.members()));
            body.put("capacity", resources);
            body.put("allocatable", resources);
        }
        client.nodes()
                .withName(name.value())
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), Serialization.asJson(Map.of("status", body)));
        shown.put(name, next);
    }

    private static Map<String, String> condition(IpamCommand.ShowStatus status) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return Map.of(
                "type",
                "SufficientIP",
                "status",
                status.sufficient() ? "True" : "False",
                "reason",
                status.sufficient() ? "SufficientIP" : "InsufficientIP",
                "message",
                status.message(),
                "lastHeartbeatTime",
                now,
                "lastTransitionTime",
                now);
    }
}
