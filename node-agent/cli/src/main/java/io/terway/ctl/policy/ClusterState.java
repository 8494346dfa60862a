package io.terway.ctl.policy;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.policy.Policy;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import io.terway.policy.read.Field;
import io.terway.policy.read.ObjectReader;
import io.terway.policy.read.ReadPolicy;
import io.terway.policy.read.Unreadable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What objects say about policy. A later object of the same name replaces an earlier one, as applying them would.
 *
 * @param cluster the readable part
 * @param unreadable pods that cannot be read, with the reason: nothing is said about them
 * @param policies every policy object, with what could not be read in it
 * @param complaints one line for each object that is not in force as written
 */
record ClusterState(
        PolicyCluster cluster, List<Unread> unreadable, List<ReadPolicy> policies, List<String> complaints) {

    /**
     * A pod that cannot be read.
     *
     * @param ref empty when not even its name can
     */
    record Unread(Optional<PodRef> ref, List<Ip> addresses, String why) {}

    private static final Set<String> OTHER_POLICIES = Set.of(
            "AdminNetworkPolicy",
            "BaselineAdminNetworkPolicy",
            "CiliumClusterwideNetworkPolicy",
            "GlobalNetworkPolicy",
            "CiliumEgressGatewayPolicy");

    /** Reads objects; those of other kinds are passed over. */
    static ClusterState of(List<Field> objects) {
        var reading = new Reading();
        objects.forEach(reading::add);
        return reading.done();
    }

    private static final class Reading {
        private final Map<String, Map<String, String>> namespaces = new LinkedHashMap<>();
        private final Map<NodeName, PolicyNode> nodes = new LinkedHashMap<>();
        private final Map<String, PolicyPod> pods = new LinkedHashMap<>();
        private final Map<PolicyId, ReadPolicy> policies = new LinkedHashMap<>();
        private final List<Unread> unreadable = new ArrayList<>();
        private final Set<String> complaints = new LinkedHashSet<>();

        private void add(Field object) {
            String kind = text(object.get("kind"));
            try {
                object.get("kind").required();
                switch (kind) {
                    case "Namespace" ->
                        namespaces.put(object.get("metadata").get("name").required(), ObjectReader.labels(object));
                    case "Node" -> {
                        PolicyNode node = ObjectReader.node(object);
                        nodes.put(node.name(), node);
                    }
                    case "Pod" -> {
                        PolicyPod pod = ObjectReader.pod(object);
                        pods.put(pod.ref().toString(), pod);
                    }
                    default -> policy(kind, object);
                }
            } catch (Unreadable | IllegalArgumentException e) {
                complain(kind + " " + name(object) + " is left out: " + e.getMessage());
                if (kind.equals("Pod")) {
                    unreadable.add(new Unread(ref(object), ObjectReader.addressesOfUnreadable(object), e.getMessage()));
                }
            }
        }

        private void policy(String kind, Field object) {
            String version = object.get("apiVersion").scalar();
            for (PolicyId.Kind known : PolicyId.Kind.values()) {
                if (known.text().equals(kind)) {
                    if (known.apiVersion().equals(version)) {
                        ReadPolicy read = ObjectReader.policy(known, object);
                        policies.put(read.id(), read);
                    } else {
                        complain(kind + " " + name(object) + " is left out: apiVersion '" + version
                                + "' is not supported, " + known.apiVersion() + " is");
                    }
                    return;
                }
            }
            if (OTHER_POLICIES.contains(kind)) {
                complain(kind + " " + name(object) + " is left out: this kind is not supported");
            }
        }

        private void complain(String text) {
            complaints.add(OneLine.escaped(text));
        }

        private ClusterState done() {
            pods.values().stream()
                    .filter(pod -> pod.hostNetwork() && !pod.finished())
                    .forEach(this::lend);
            List<Policy> readable = new ArrayList<>();
            policies.values().forEach(read -> {
                read.policy().ifPresent(readable::add);
                if (!read.faults().isEmpty()) {
                    complain(read.id().kind().text() + " " + read.id() + ": " + read.complaint());
                }
            });
            var cluster =
                    new PolicyCluster(namespaces, List.copyOf(pods.values()), readable, List.copyOf(nodes.values()));
            return new ClusterState(
                    cluster, List.copyOf(unreadable), List.copyOf(policies.values()), List.copyOf(complaints));
        }

        /** The address of a live pod in the host's network is its node's, whether or not the Node object lists it. */
        private void lend(PolicyPod pod) {
            pod.node().ifPresent(name -> {
                PolicyNode node = nodes.getOrDefault(name, new PolicyNode(name, Map.of(), List.of()));
                Set<Ip> addresses = new LinkedHashSet<>(node.addresses());
                addresses.addAll(pod.ips());
                nodes.put(name, new PolicyNode(name, node.labels(), List.copyOf(addresses)));
            });
        }

        /** For people; whatever of the object can be read. */
        private static String name(Field object) {
            String name = text(metadata(object, "name"));
            String namespace = text(metadata(object, "namespace"));
            return (namespace.isEmpty() ? "" : namespace + "/") + (name.isEmpty() ? "(unnamed)" : name);
        }

        private static Optional<PodRef> ref(Field object) {
            try {
                String namespace = text(metadata(object, "namespace"));
                return Optional.of(
                        new PodRef(namespace.isEmpty() ? "default" : namespace, text(metadata(object, "name"))));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        private static Field metadata(Field object, String key) {
            Field metadata = object.get("metadata");
            return metadata.value() instanceof Map ? metadata.get(key) : new Field(key, null);
        }

        private static String text(Field field) {
            return switch (field.value()) {
                case null -> "";
                case Map<?, ?> _ -> "(an object)";
                case List<?> _ -> "(a list)";
                default -> OneLine.of(field.scalar());
            };
        }
    }
}
