package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.terway.ipam.AddressState;
import io.terway.ipam.CloudEni;
import io.terway.ipam.NodeView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A NodeNetInfo as our custom resource has it. Its size does not grow with the node's pods. */
final class NodeInfo {

    private static final int MOST_ENIS = 256;
    private static final int MOST_TEXT = 1024;

    private NodeInfo() {}

    /** spec and status, without what changes with time only. */
    static Map<String, Object> of(NodeView view, long term) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("instanceID", view.instance().value());
        spec.put("instanceType", view.cloud().map(cloud -> cloud.type().value()).orElse(""));
        spec.put("zone", view.zone().value());
        spec.put("nodeUID", view.uid());
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("networkMode", view.mode().toString());
        status.put("ipPool", pool(view));
        status.put(
                "enis", view.enis().stream().limit(MOST_ENIS).map(NodeInfo::eni).toList());
        status.put("term", term);
        status.put("message", message(view));
        return Map.of("spec", spec, "status", status);
    }

    private static Map<String, Object> pool(NodeView view) {
        int bound = 0;
        int idle = 0;
        int cooling = 0;
        for (NodeView.AddressLine line : view.addresses()) {
            switch (line.state()) {
                case AddressState.Bound _, AddressState.Reserved _ -> bound++;
                case AddressState.Idle _ -> idle++;
                case AddressState.Cooling _ -> cooling++;
                case AddressState.Supplied _,
                        AddressState.Withdrawing _,
                        AddressState.Withdrawn _,
                        AddressState.Unassigning _,
                        AddressState.Gone _ -> {}
            }
        }
        return Map.of(
                "total",
                bound + idle,
                "allocated",
                bound,
                "available",
                idle,
                "coolingDown",
                cooling,
                "capacity",
                view.capacity());
    }

    private static Map<String, Object> eni(CloudEni eni) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("eniID", eni.id().value());
        shown.put("macAddress", eni.mac().toString());
        shown.put(
                "type",
                switch (eni.use()) {
                    case PRIMARY -> "Primary";
                    case TRUNK -> "Trunk";
                    case MEMBER -> "Member";
                    case SECONDARY, OTHER -> "Secondary";
                });
        shown.put(
                "status",
                switch (eni.phase()) {
                    case COMING -> "Attaching";
                    case IN_USE -> "InUse";
                    case LEAVING -> "Detaching";
                });
        shown.put("vSwitchID", eni.vSwitch().value());
        shown.put(
                "securityGroupIDs",
                eni.groups().stream()
                        .map(group -> group.value())
                        .distinct()
                        .limit(10)
                        .toList());
        shown.put("addresses", eni.addresses().size() + (int) eni.own().stream().count());
        return shown;
    }

    private static String message(NodeView view) {
        String text = view.quarantine().isEmpty()
                ? view.connected() ? "" : "the node's agent has no session"
                : view.quarantine();
        return text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) : text;
    }

    /** Goes with its Node. */
    static GenericKubernetesResource object(NodeView view, Map<String, Object> body) {
        var object = new GenericKubernetesResource();
        object.setApiVersion("network.alibabacloud.com/v1");
        object.setKind("NodeNetInfo");
        object.setMetadata(new ObjectMetaBuilder()
                .withName(view.node().value())
                .withOwnerReferences(List.of(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(view.node().value())
                        .withUid(view.uid())
                        .build()))
                .build());
        object.setAdditionalProperty("spec", body.get("spec"));
        return object;
    }
}
