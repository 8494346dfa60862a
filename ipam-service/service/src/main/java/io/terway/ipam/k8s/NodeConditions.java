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

    /** @param enis below 0: not told yet */
    private record Shown(boolean told, boolean sufficient, String message, int enis, int members) {

        static final Shown NOTHING = new Shown(false, false, "", -1, -1);
    }

    NodeConditions(KubernetesClient client) {
        this.client = client;
    }

    void show(NodeName name, IpamCommand.ShowStatus status) {
        Shown before = shown.getOrDefault(name, Shown.NOTHING);
        boolean known = status.capacity() > 0; // else what is shown stays, also what a former leader has shown
        Shown next = new Shown(
                true,
                status.sufficient(),
                status.message(),
                known ? status.enis() : before.enis,
                known ? status.members() : before.members);
        if (next.equals(before)) {
            return;
        }
        Map<String, Object> body = new LinkedHashMap<>();
        if (!before.told || before.sufficient != next.sufficient || !before.message.equals(next.message)) {
            boolean turned = !before.told || before.sufficient != next.sufficient;
            body.put("conditions", List.of(condition(status, turned)));
        }
        if (before.enis != next.enis || before.members != next.members) {
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

    /** @param turned its status is another one; a condition keeps its time while only its message changes */
    private static Map<String, String> condition(IpamCommand.ShowStatus status, boolean turned) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, String> condition = new LinkedHashMap<>();
        condition.put("type", "SufficientIP");
        condition.put("status", status.sufficient() ? "True" : "False");
        condition.put("reason", status.sufficient() ? "SufficientIP" : "InsufficientIP");
        condition.put("message", status.message());
        condition.put("lastHeartbeatTime", now);
        if (turned) {
            condition.put("lastTransitionTime", now);
        }
        return condition;
    }
}
