package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import java.util.Map;

/** The defaults that clients and the project's own parts read back from built-in kinds. */
final class Defaults {

    private Defaults() {}

    /** Fills the defaults of any write, in place. */
    static void fill(Resource resource, ObjectNode object) {
        switch (resource.id().toString()) {
            case "pods" -> pod(Json.child(object, "spec"));
            case "services" -> service(Json.child(object, "spec"));
            case "namespaces" -> namespace(object);
            case "secrets" -> secret(object);
            case "networkpolicies.networking.k8s.io" -> policy(Json.child(object, "spec"));
            case "deployments.apps", "statefulsets.apps", "replicasets.apps" -> {
                put(Json.child(object, "spec"), "replicas", 1);
                template(object);
            }
            case "daemonsets.apps" -> template(object);
            default -> {
                // Other kinds are stored as they come.
            }
        }
    }

    /** The status a new object starts with; what the client sent is dropped where upstream drops it. */
    static void status(Resource resource, ObjectNode object) {
        switch (resource.id().toString()) {
            case "nodes", "persistentvolumes", "certificatesigningrequests.certificates.k8s.io" -> {
                // A kubelet registers its node with its status.
            }
            case "pods" -> {
                ObjectNode status = object.putObject("status");
                status.put("phase", "Pending").put("qosClass", "BestEffort");
            }
            case "namespaces" -> object.putObject("status").put("phase", "Active");
            case "services" -> object.putObject("status").putObject("loadBalancer");
            default -> {
                object.remove("status");
                if (!resource.has(Resource.Trait.CUSTOM)) {
                    object.putObject("status");
                }
            }
        }
    }

    private static void pod(ObjectNode spec) {
        put(spec, "restartPolicy", "Always");
        put(spec, "terminationGracePeriodSeconds", 30);
        put(spec, "dnsPolicy", "ClusterFirst");
        put(spec, "schedulerName", "default-scheduler");
        put(spec, "serviceAccountName", "default");
        put(spec, "enableServiceLinks", true);
        if (!spec.has("securityContext")) {
            spec.putObject("securityContext");
        }
        for (String list : new String[] {"containers", "initContainers"}) {
            spec.path(list).forEach(container -> container(container));
        }
    }

    private static void container(JsonNode node) {
        if (node instanceof ObjectNode container) {
            String image = container.path("image").asText();
            boolean moving = image.endsWith(":latest") || image.indexOf(':', image.lastIndexOf('/') + 1) < 0;
            put(container, "imagePullPolicy", moving ? "Always" : "IfNotPresent");
            put(container, "terminationMessagePath", "/dev/termination-log");
            put(container, "terminationMessagePolicy", "File");
            if (!container.has("resources")) {
                container.putObject("resources");
            }
            container.path("ports").forEach(port -> protocol(port));
        }
    }

    private static void template(ObjectNode object) {
        if (Json.at(object, "spec", "template", "spec") instanceof ObjectNode spec) {
            spec.path("containers").forEach(container -> container(container));
        }
    }

    private static void service(ObjectNode spec) {
        put(spec, "type", "ClusterIP");
        put(spec, "sessionAffinity", "None");
        put(spec, "internalTrafficPolicy", "Cluster");
        if (!spec.path("type").asText().equals("ClusterIP")) {
            put(spec, "externalTrafficPolicy", "Cluster");
        }
        for (JsonNode node : spec.path("ports")) {
            protocol(node);
            if (node instanceof ObjectNode port && !port.has("targetPort") && port.has("port")) {
                port.set("targetPort", port.get("port"));
            }
        }
    }

    private static void namespace(ObjectNode object) {
        Json.child(Meta.of(object), "labels").put("kubernetes.io/metadata.name", Meta.name(object));
        ObjectNode spec = Json.child(object, "spec");
        if (!spec.has("finalizers")) {
            spec.putArray("finalizers").add("kubernetes");
        }
    }

    private static void secret(ObjectNode object) {
        put(object, "type", "Opaque");
        if (object.remove("stringData") instanceof ObjectNode plain) {
            ObjectNode data = Json.child(object, "data");
            for (Map.Entry<String, JsonNode> entry : plain.properties()) {
                data.put(
                        entry.getKey(),
                        java.util.Base64.getEncoder()
                                .encodeToString(
                                        entry.getValue().asText().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            }
        }
    }

    /** Without policyTypes a policy is about ingress, and about egress when it has an egress section. */
    private static void policy(ObjectNode spec) {
        if (spec.path("policyTypes").isEmpty()) {
            spec.putArray("policyTypes").add("Ingress");
            if (!spec.path("egress").isEmpty()) {
                Json.list(spec, "policyTypes").add("Egress");
            }
        }
        for (String side : new String[] {"ingress", "egress"}) {
            spec.path(side).forEach(rule -> rule.path("ports").forEach(port -> protocol(port)));
        }
    }

    private static void protocol(JsonNode port) {
        if (port instanceof ObjectNode object) {
            put(object, "protocol", "TCP");
        }
    }

    private static void put(ObjectNode object, String field, Object value) {
        if (!object.hasNonNull(field)) {
            switch (value) {
                case String text -> object.put(field, text);
                case Integer number -> object.put(field, number);
                case Boolean flag -> object.put(field, flag);
                default -> throw new IllegalArgumentException("no default of type " + value.getClass());
            }
        }
    }
}
