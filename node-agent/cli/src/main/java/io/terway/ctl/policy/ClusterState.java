package io.terway.ctl.policy;

import io.terway.net.Ip;
import io.terway.net.NodeName;
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
import java.util.Set;

/**
 * What objects say about policy. A later object of the same name replaces an earlier one, as applying them would.
 *
 * @param cluster the readable part
 * @param policies every policy object, with what could not be read in it
 * @param complaints one line for each object that is not in force as written
 */
record ClusterState(PolicyCluster cluster, List<ReadPolicy> policies, List<String> complaints) {

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
        private final Set<String> complaints = new LinkedHashSet<>();

        private void add(Field object) {
            String kind = object.get("kind").text();
            try {
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
            } catch (Unreadable e) {
                throw new BadInput(kind + " " + name(object) + ": " + e.getMessage());
            } catch (IllegalArgumentException e) {
                throw new BadInput(kind + " " + name(object) + ": " + Manifests.oneLine(e.getMessage()));
            }
        }

        private void policy(String kind, Field object) {
            String version = String.valueOf(object.get("apiVersion").value());
            for (PolicyId.Kind known : PolicyId.Kind.values()) {
                if (known.text().equals(kind)) {
                    if (known.apiVersion().equals(version)) {
                        ReadPolicy read = ObjectReader.policy(known, object);
                        policies.put(read.id(), read);
                    } else {
                        complaints.add(kind + " " + name(object) + " is left out: apiVersion '" + version
                                + "' is not supported, " + known.apiVersion() + " is");
                    }
                    return;
                }
            }
            if (OTHER_POLICIES.contains(kind)) {
                complaints.add(kind + " " + name(object) + " is left out: this kind is not supported");
            }
        }

        private ClusterState done() {
            pods.values().stream()
                    .filter(pod -> pod.hostNetwork() && !pod.finished())
                    .forEach(this::lend);
            List<Policy> readable = new ArrayList<>();
            policies.values().forEach(read -> {
                read.policy().ifPresent(readable::add);
                if (!read.faults().isEmpty()) {
                    complaints.add(read.id().kind().text() + " " + read.id() + ": " + read.complaint());
                }
            });
            var cluster =
                    new PolicyCluster(namespaces, List.copyOf(pods.values()), readable, List.copyOf(nodes.values()));
            return new ClusterState(cluster, List.copyOf(policies.values()), List.copyOf(complaints));
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

        private static String name(Field object) {
            Object name = object.get("metadata").get("name").value();
            Object namespace = object.get("metadata").get("namespace").value();
            return (namespace == null ? "" : namespace + "/") + name;
        }
    }
}
