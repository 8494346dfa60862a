package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.terway.ipam.AddressState;
import io.terway.ipam.CloudEni;
import io.terway.ipam.InstanceLimits;
import io.terway.ipam.NodeView;
import io.terway.ipam.RememberedNode;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.NodeName;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A NodeNetInfo as our custom resource has it, and what the next leader reads of it. Its size does not grow with the pods. */
final class NodeInfo {

    static final ResourceDefinitionContext KIND = new ResourceDefinitionContext.Builder()
            .withGroup("network.alibabacloud.com")
            .withVersion("v1")
            .withKind("NodeNetInfo")
            .withPlural("nodenetinfos")
            .withNamespaced(false)
            .build();

    private static final int MOST_ENIS = 256;
    private static final int MOST_TEXT = 1024;

    private NodeInfo() {}

    /** spec and status, without what changes with time only. */
    static Map<String, Object> of(NodeView view, long term) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("instanceID", view.instance().value());
        spec.put("instanceType", view.cloud().map(cloud -> cloud.type().value()).orElse(""));
        spec.put("zone", view.zone().value());
        spec.put("nodeUID", view.memory().uid());
        spec.put("limits", limits(view.memory().limits()));
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("networkMode", view.mode().toString());
        status.put("ipPool", pool(view));
        status.put(
                "enis", view.enis().stream().limit(MOST_ENIS).map(NodeInfo::eni).toList());
        status.put("exclusiveENIs", view.memory().enis());
        status.put(
                "ledger",
                Map.of(
                        "id",
                        view.memory().ledgerId(),
                        "bootID",
                        view.memory().bootId(),
                        "sequence",
                        view.memory().sequence()));
        status.put("term", term);
        status.put("message", message(view));
        return Map.of("spec", spec, "status", status);
    }

    private static Map<String, Object> limits(InstanceLimits limits) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("enis", limits.enis());
        shown.put("ipv4PerENI", limits.ipv4PerEni());
        shown.put("ipv6PerENI", limits.ipv6PerEni());
        shown.put("totalENIs", limits.enisTotal());
        shown.put("trunk", limits.trunk());
        return shown;
    }

    /** Of what a new write would change: neither who wrote it nor when. */
    static int digest(Map<String, Object> body) {
        Map<Object, Object> status = new HashMap<>(map(body.get("status")));
        status.remove("term");
        status.remove("lastSyncTime");
        return 31 * map(body.get("spec")).hashCode() + status.hashCode();
    }

    /**
     * What a leader wrote down for the next one; empty when it did not, as former versions.
     *
     * @throws IllegalArgumentException naming what is unreadable
     */
    static Optional<RememberedNode> remembered(GenericKubernetesResource object) {
        String name = object.getMetadata().getName();
        Map<?, ?> spec = map(object.getAdditionalProperties().get("spec"));
        Map<?, ?> status = map(object.getAdditionalProperties().get("status"));
        if (!(spec.get("limits") instanceof Map<?, ?> limits && status.get("ledger") instanceof Map<?, ?> ledger)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new RememberedNode(
                    new NodeName(name),
                    text(spec, "nodeUID"),
                    new InstanceId(text(spec, "instanceID")),
                    new InstanceType(text(spec, "instanceType")),
                    new InstanceLimits(
                            count(limits, "enis"),
                            count(limits, "ipv4PerENI"),
                            count(limits, "ipv6PerENI"),
                            count(limits, "totalENIs"),
                            Boolean.TRUE.equals(limits.get("trunk"))),
                    count(status, "exclusiveENIs"),
                    text(ledger, "id"),
                    text(ledger, "bootID"),
                    number(ledger, "sequence")));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("NodeNetInfo " + name + ": " + e.getMessage(), e);
        }
    }

    private static Map<?, ?> map(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static String text(Map<?, ?> of, String key) {
        if (of.get(key) instanceof String text && !text.isEmpty() && text.length() <= MOST_TEXT) {
            return text;
        }
        throw new IllegalArgumentException(key + " is missing, or no text of 1 to " + MOST_TEXT + " characters");
    }

    private static int count(Map<?, ?> of, String key) {
        long number = number(of, key);
        if (number > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + " is " + number + "; that is too much");
        }
        return (int) number;
    }

    private static long number(Map<?, ?> of, String key) {
        if ((of.get(key) instanceof Integer || of.get(key) instanceof Long)
                && ((Number) of.get(key)).longValue() >= 0) {
            return ((Number) of.get(key)).longValue();
        }
        throw new IllegalArgumentException(key + " is '" + of.get(key) + "'; it must be a whole number, 0 or more");
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
                        .withUid(view.memory().uid())
                        .build()))
                .build());
        object.setAdditionalProperty("spec", body.get("spec"));
        return object;
    }
}
