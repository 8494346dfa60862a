package io.terway.policy.read;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SecurityGroupId;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The door: whole objects in, records out. Objects without a namespace are of {@code default}. */
public final class ObjectReader {

    private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

    private ObjectReader() {}

    /** Reads a policy of this kind; never throws for what is in its spec. */
    public static ReadPolicy policy(PolicyId.Kind kind, Field object) {
        String name = object.get("metadata").get("name").required();
        return switch (kind) {
            case NETWORK_POLICY -> NetworkPolicyReader.read(new PolicyId(kind, namespace(object), name), object);
            case CILIUM_NETWORK_POLICY -> CiliumPolicyReader.read(new PolicyId(kind, namespace(object), name), object);
            case CLUSTER_NETWORK_POLICY -> ClusterPolicyReader.read(new PolicyId(kind, "", name), object);
        };
    }

    /** Labels of any object; {@code null} is the empty value, as it is to an API server. */
    public static Map<String, String> labels(Field object) {
        Map<String, String> out = new LinkedHashMap<>();
        Field labels = object.get("metadata").get("labels");
        labels.map().forEach((key, value) -> out.put(key, new Field(labels.path() + "." + key, value).scalar()));
        return out;
    }

    /** A node with its addresses; entries that are no addresses (host names) are skipped. */
    public static PolicyNode node(Field object) {
        List<Ip> addresses = object.get("status").get("addresses").list().stream()
                .filter(address -> !address.get("type").text().endsWith("DNS")
                        && !address.get("type").text().equals("Hostname"))
                .map(address -> address.get("address"))
                .filter(Field::present)
                .map(address -> address.as(field -> Ip.parse(field.text())))
                .distinct()
                .toList();
        return new PolicyNode(new NodeName(object.get("metadata").get("name").required()), labels(object), addresses);
    }

    /** A pod; without a UID (a file) its name stands for it. */
    public static PolicyPod pod(Field object) {
        Field meta = object.get("metadata");
        Field spec = object.get("spec");
        var ref = meta.as(_ -> new PodRef(namespace(object), meta.get("name").required()));
        String node = spec.get("nodeName").text();
        String uid = meta.get("uid").text();
        return new PolicyPod(
                ref,
                uid.isEmpty() ? ref.toString() : uid,
                labels(object),
                node.isEmpty() ? Optional.empty() : Optional.of(spec.as(_ -> new NodeName(node))),
                addresses(object.get("status")),
                spec.get("hostNetwork").flag(),
                FINISHED.contains(object.get("status").get("phase").text()),
                ports(spec),
                securityGroups(meta.get("annotations")));
    }

    /** The namespace an object is in. */
    public static String namespace(Field object) {
        String namespace = object.get("metadata").get("namespace").text();
        return namespace.isEmpty() ? "default" : namespace;
    }

    /**
     * The addresses of a pod that can be read, whatever else of it cannot: nobody may take them for somebody else's.
     *
     * @return none when not even those can
     */
    public static List<Ip> addressesOfUnreadable(Field object) {
        Faults unused = new Faults();
        return unused.attempt(() -> addressFields(object.get("status")).toList()).orElse(List.of()).stream()
                .flatMap(ip -> unused.attempt(() -> ip.as(field -> Ip.parse(field.required()))).stream())
                .distinct()
                .toList();
    }

    private static List<Ip> addresses(Field status) {
        return addressFields(status)
                .filter(ip -> ip.present() && !ip.text().isEmpty())
                .map(ip -> ip.as(field -> Ip.parse(field.text())))
                .distinct()
                .toList();
    }

    private static Stream<Field> addressFields(Field status) {
        return Stream.concat(
                status.get("podIPs").list().stream().map(entry -> entry.get("ip")), Stream.of(status.get("podIP")));
    }

    /** Ports of the containers and of sidecars, which are init containers that keep running. */
    private static List<PolicyPod.NamedPort> ports(Field spec) {
        List<Field> containers = new ArrayList<>(spec.get("containers").list());
        spec.get("initContainers").list().stream()
                .filter(init -> init.get("restartPolicy").text().equals("Always"))
                .forEach(containers::add);
        List<PolicyPod.NamedPort> out = new ArrayList<>();
        for (Field container : containers) {
            for (Field port : container.get("ports").list()) {
                if (port.get("name").present() && port.get("containerPort").present()) {
                    out.add(new PolicyPod.NamedPort(
                            port.get("name").text(),
                            Scalars.protocol(port.get("protocol")),
                            port.get("containerPort").number()));
                }
            }
        }
        return out;
    }

    private static List<SecurityGroupId> securityGroups(Field annotations) {
        return Stream.of("k8s.aliyun.com/security-groups", "k8s.aliyun.com/security-group")
                .map(annotations::get)
                .filter(annotation -> annotation.value() instanceof String)
                .flatMap(annotation -> Arrays.stream(annotation.text().split(","))
                        .map(String::strip)
                        .filter(id -> id.matches("[!-~]{1,64}"))
                        .map(id -> annotation.as(_ -> new SecurityGroupId(id))))
                .distinct()
                .toList();
    }
}
