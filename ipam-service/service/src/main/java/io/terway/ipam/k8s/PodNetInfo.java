package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.terway.ipam.Attachment;
import io.terway.ipam.FixedAddress;
import io.terway.ipam.FixedCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.Retention;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A PodNetInfo as our custom resource has it, and the core's word for it. */
final class PodNetInfo {

    static final ResourceDefinitionContext KIND = new ResourceDefinitionContext.Builder()
            .withGroup("network.alibabacloud.com")
            .withVersion("v1")
            .withKind("PodNetInfo")
            .withPlural("podnetinfos")
            .withNamespaced(true)
            .build();

    private static final int MOST_GROUPS = 10;

    /** In status: node and instance of another shard whose pod asks for the address. */
    private static final String WANTED_AT = "wantedAt";

    /** In status: seconds of its cool-down, when it was handed over. */
    private static final String REST = "restSeconds";

    private PodNetInfo() {}

    /** A new one. It outlives its pod, so it has no owner. */
    static GenericKubernetesResource object(FixedAddress address) {
        var object = new GenericKubernetesResource();
        object.setApiVersion("network.alibabacloud.com/v1");
        object.setKind("PodNetInfo");
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace(address.pod().namespace())
                .withName(address.pod().name())
                .build());
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("podIP", address.addresses().getFirst().toString());
        if (address.addresses().size() > 1) {
            spec.put("podIPs", address.addresses().stream().map(Ip::toString).toList());
        }
        spec.put("vSwitchID", address.vSwitch().value());
        spec.put("zone", address.zone().value());
        spec.put("mode", mode(address.attachment()));
        spec.put("retention", retention(address.retention()));
        spec.putAll(place(address));
        object.setAdditionalProperty("spec", spec);
        return object;
    }

    private static String mode(Attachment attachment) {
        return switch (attachment) {
            case SHARED, ROUTED -> "ENIIP";
            case EXCLUSIVE -> "ENI";
            case TRUNK_MEMBER -> "Trunk";
        };
    }

    private static Map<String, Object> retention(Retention retention) {
        return retention.time().isEmpty()
                ? Map.of("strategy", "Never")
                : Map.of("strategy", "TTL", "seconds", retention.time().get().toSeconds());
    }

    /** The part of spec that changes when the address moves. */
    static Map<String, Object> place(FixedAddress address) {
        Map<String, Object> spec = new LinkedHashMap<>();
        address.place().ifPresent(place -> {
            spec.put("eniID", place.eni().value());
            spec.put("macAddress", place.mac().toString());
            spec.put(
                    "securityGroupIDs",
                    place.groups().stream()
                            .map(SecurityGroupId::value)
                            .distinct()
                            .limit(MOST_GROUPS)
                            .toList());
        });
        return spec;
    }

    static Map<String, Object> status(FixedCommand.Show show, Instant now) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("phase", show.bound() ? "Bound" : "Reserved");
        show.address().place().ifPresent(place -> {
            status.put("nodeName", place.node().value());
            status.put("instanceID", place.instance().value());
        });
        status.put("podUID", show.podUid());
        status.put("podLastSeen", text(now));
        if (show.bound()) {
            status.put(WANTED_AT, "");
            status.put(REST, 0);
        }
        return status;
    }

    static Map<String, Object> status(FixedCommand.Ask ask) {
        return Map.of(WANTED_AT, text(ask.target()));
    }

    /**
     * Writes the other shard's node into its status.
     *
     * @return false: it is not as that shard asked, or not where the address was: nothing is changed
     */
    static boolean handOver(GenericKubernetesResource object, FixedCommand.HandOver handOver) {
        IpamEvent.PodNetInfoSeen seen = seen(object);
        boolean asWas = seen.wantedAt().equals(Optional.of(handOver.target()))
                && seen.address().object().equals(handOver.address().object())
                && node(seen.address()).equals(node(handOver.address()));
        if (asWas) {
            Map<String, Object> status = new LinkedHashMap<>();
            map(object.getAdditionalProperties().get("status"))
                    .forEach((key, value) -> status.put((String) key, value));
            status.put("phase", "Moving");
            status.put("nodeName", handOver.target().node().value());
            status.put("instanceID", handOver.target().instance().value());
            status.put(WANTED_AT, "");
            status.put(REST, handOver.rest().plusMillis(999).toSeconds());
            object.setAdditionalProperty("status", status);
        }
        return asWas;
    }

    private static Optional<NodeName> node(FixedAddress address) {
        return address.place().map(FixedAddress.Place::node);
    }

    private static String text(FixedAddress.Target target) {
        return target.node() + "/" + target.instance();
    }

    private static Optional<FixedAddress.Target> target(Map<?, ?> status) {
        String[] parts = status.get(WANTED_AT) instanceof String text ? text.split("/", -1) : new String[0];
        return parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()
                ? Optional.of(new FixedAddress.Target(new NodeName(parts[0]), new InstanceId(parts[1])))
                : Optional.empty();
    }

    /** @throws IllegalArgumentException naming what is missing or unreadable */
    static IpamEvent.PodNetInfoSeen seen(GenericKubernetesResource object) {
        Map<?, ?> status = map(object.getAdditionalProperties().get("status"));
        return new IpamEvent.PodNetInfoSeen(
                read(object), target(status), Duration.ofSeconds(Math.max(0, number(status, REST))));
    }

    /** The API server's clock runs from podLastSeen on, the leaders' in unwantedSeconds. */
    static Map<String, Object> status(FixedCommand.Count count, Instant now) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("unwantedSeconds", count.unwanted().toSeconds());
        if (count.unwanted().isZero()) {
            status.put("podLastSeen", text(now));
        }
        return status;
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** When somebody was last seen who wants the pod; empty when it does not say. */
    static Optional<Instant> lastSeen(GenericKubernetesResource object) {
        Object seen = map(object.getAdditionalProperties().get("status")).get("podLastSeen");
        try {
            return seen == null ? Optional.empty() : Optional.of(Instant.parse(seen.toString()));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    static PodRef pod(GenericKubernetesResource object) {
        return new PodRef(
                object.getMetadata().getNamespace(), object.getMetadata().getName());
    }

    /** What it says its ENI is, if it does. */
    static String eni(GenericKubernetesResource object) {
        return map(object.getAdditionalProperties().get("spec")).get("eniID") instanceof String eni ? eni : "";
    }

    static String uid(GenericKubernetesResource object) {
        String uid = object.getMetadata().getUid();
        return uid == null ? "" : uid;
    }

    /** @throws IllegalArgumentException naming what is missing or unreadable */
    static FixedAddress read(GenericKubernetesResource object) {
        PodRef pod = pod(object);
        try {
            Map<?, ?> spec = map(object.getAdditionalProperties().get("spec"));
            List<Ip> addresses = spec.get("podIPs") instanceof List<?> all && !all.isEmpty()
                    ? all.stream().map(ip -> Ip.parse(ip.toString())).toList()
                    : List.of(Ip.parse(text(spec, "podIP")));
            Map<?, ?> status = map(object.getAdditionalProperties().get("status"));
            return new FixedAddress(
                    pod,
                    uid(object),
                    addresses,
                    new VSwitchId(text(spec, "vSwitchID")),
                    new ZoneId(text(spec, "zone")),
                    place(spec, status),
                    attachment(spec),
                    retention(spec),
                    Duration.ofSeconds(Math.max(0, number(status, "unwantedSeconds"))));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("PodNetInfo " + pod + ": " + e.getMessage(), e);
        }
    }

    private static Attachment attachment(Map<?, ?> spec) {
        String mode = spec.get("mode") == null ? "ENIIP" : spec.get("mode").toString();
        return switch (mode) {
            case "ENIIP" -> Attachment.SHARED;
            case "ENI" -> Attachment.EXCLUSIVE;
            case "Trunk" -> Attachment.TRUNK_MEMBER;
            default ->
                throw new IllegalArgumentException("spec.mode is '" + mode + "'; it must be ENIIP, ENI or Trunk");
        };
    }

    /** What is not said is kept: an address given away by mistake does not come back. */
    private static Retention retention(Map<?, ?> spec) {
        Map<?, ?> retention = map(spec.get("retention"));
        boolean ends = "TTL".equals(retention.get("strategy")) && retention.get("seconds") instanceof Number;
        return ends ? Retention.of(Duration.ofSeconds(number(retention, "seconds"))) : Retention.NEVER;
    }

    private static long number(Map<?, ?> of, String key) {
        return of.get(key) instanceof Number number ? number.longValue() : 0;
    }

    private static Optional<FixedAddress.Place> place(Map<?, ?> spec, Map<?, ?> status) {
        boolean complete = status.get("nodeName") != null
                && status.get("instanceID") != null
                && spec.get("eniID") != null
                && spec.get("macAddress") != null;
        List<SecurityGroupId> groups = spec.get("securityGroupIDs") instanceof List<?> ids
                ? ids.stream().map(id -> new SecurityGroupId(id.toString())).toList()
                : List.of();
        return complete
                ? Optional.of(new FixedAddress.Place(
                        new NodeName(text(status, "nodeName")),
                        new InstanceId(text(status, "instanceID")),
                        new EniId(text(spec, "eniID")),
                        Mac.parse(text(spec, "macAddress")),
                        groups))
                : Optional.empty();
    }

    private static Map<?, ?> map(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static String text(Map<?, ?> of, String key) {
        if (of.get(key) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new IllegalArgumentException("spec." + key + " is missing");
    }
}
