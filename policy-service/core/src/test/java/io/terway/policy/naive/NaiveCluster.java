package io.terway.policy.naive;

import io.terway.net.Ip;
import io.terway.policy.read.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Objects as they are written, with the questions that rules ask about them. */
final class NaiveCluster {

    private final List<Field> objects;
    private final Set<Wrong> wrong;

    NaiveCluster(List<Map<String, Object>> objects, Set<Wrong> wrong) {
        this.objects = objects.stream().map(Field::root).toList();
        this.wrong = wrong;
    }

    boolean is(Wrong way) {
        return wrong.contains(way);
    }

    List<Field> all(String kind) {
        return objects.stream()
                .filter(object -> object.get("kind").text().equals(kind))
                .toList();
    }

    static String namespace(Field object) {
        return object.get("metadata").get("namespace").text();
    }

    static String name(Field object) {
        return object.get("metadata").get("name").text();
    }

    static Map<String, Object> labels(Field object) {
        return object.get("metadata").get("labels").map();
    }

    /** The live pod with this address of its own, or null. */
    Field podAt(Ip ip) {
        return pods(ip).stream().filter(this::live).findFirst().orElse(null);
    }

    private List<Field> pods(Ip ip) {
        return all("Pod").stream()
                .filter(pod -> ips(pod).contains(ip))
                .filter(pod -> !is(Wrong.SECOND_ADDRESS_IS_NOBODYS)
                        || ips(pod).getFirst().equals(ip))
                .toList();
    }

    /** The pod whose policies count at this address, or null. */
    Field subjectAt(Ip ip) {
        for (Field pod : pods(ip)) {
            boolean finishedCounts = is(Wrong.FINISHED_PODS_ARE_SUBJECTS) && finished(pod);
            boolean hostCounts = is(Wrong.HOST_NETWORK_PODS_ARE_SUBJECTS) && hostNetwork(pod);
            if (live(pod) || finishedCounts || hostCounts) {
                return pod;
            }
        }
        return null;
    }

    /** The pod that selectors of peers may mean at this address, or null. */
    Field peerAt(Ip ip) {
        for (Field pod : pods(ip)) {
            boolean finishedCounts = is(Wrong.FINISHED_PODS_ARE_PEERS) && finished(pod);
            boolean hostCounts = is(Wrong.HOST_NETWORK_PODS_ARE_PEERS) && hostNetwork(pod);
            if (live(pod) || finishedCounts || hostCounts) {
                return pod;
            }
        }
        return null;
    }

    private boolean live(Field pod) {
        boolean pending = pod.get("status").get("phase").text().equals("Pending");
        return !finished(pod) && !hostNetwork(pod) && !(pending && is(Wrong.PENDING_PODS_ARE_NOBODY));
    }

    private static boolean hostNetwork(Field pod) {
        return pod.get("spec").get("hostNetwork").flag();
    }

    private static boolean finished(Field pod) {
        String phase = pod.get("status").get("phase").text();
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    static List<Ip> ips(Field pod) {
        return pod.get("status").get("podIPs").list().stream()
                .map(entry -> Ip.parse(entry.get("ip").text()))
                .toList();
    }

    /** The node with this address, or null. */
    Field nodeAt(Ip ip) {
        for (Field node : all("Node")) {
            for (Field address : node.get("status").get("addresses").list()) {
                if (address.get("address").text().equals(ip.toString())) {
                    return node;
                }
            }
        }
        return null;
    }

    static String nodeOf(Field pod) {
        return pod.get("spec").get("nodeName").text();
    }

    Map<String, Object> namespaceLabels(String name) {
        Map<String, Object> out = new HashMap<>();
        all("Namespace").stream()
                .filter(namespace -> name(namespace).equals(name))
                .forEach(namespace -> out.putAll(labels(namespace)));
        if (!is(Wrong.NAME_LABEL_IS_NOT_IMPLIED)) {
            out.put("kubernetes.io/metadata.name", name);
        }
        return out;
    }

    /** Whether somebody can say whom it means. */
    boolean readable(Field selector) {
        return selector.get("matchExpressions").list().stream()
                .allMatch(expression -> List.of("In", "NotIn", "Exists", "DoesNotExist")
                        .contains(expression.get("operator").text()));
    }

    /** A label selector, missing or not, over labels. */
    boolean matches(Field selector, Map<String, Object> labels) {
        List<Boolean> parts = new ArrayList<>();
        selector.get("matchLabels").map().forEach((key, value) -> parts.add(value.equals(value(labels, key))));
        if (is(Wrong.EXPRESSIONS_ARE_IGNORED)) {
            return !parts.contains(false);
        }
        for (Field expression : selector.get("matchExpressions").list()) {
            parts.add(holds(expression, labels));
        }
        return is(Wrong.EXPRESSIONS_ARE_ORED) && !parts.isEmpty() ? parts.contains(true) : !parts.contains(false);
    }

    private boolean holds(Field expression, Map<String, Object> labels) {
        Object value = value(labels, expression.get("key").text());
        List<Object> values =
                expression.get("values").list().stream().map(Field::value).toList();
        return switch (expression.get("operator").text()) {
            case "In" ->
                value != null
                        && (is(Wrong.IN_TAKES_THE_FIRST_VALUE)
                                ? values.getFirst().equals(value)
                                : values.contains(value));
            case "NotIn" -> value == null ? !is(Wrong.NOT_IN_NEEDS_THE_LABEL) : !values.contains(value);
            case "Exists" -> value != null;
            default -> value == null;
        };
    }

    private Object value(Map<String, Object> labels, String key) {
        Object value = labels.get(key);
        return is(Wrong.EMPTY_VALUE_IS_ABSENT) && "".equals(value) ? null : value;
    }

    /** Numbers that a port's name means on a pod; none for no pod. */
    List<Integer> numbers(Field pod, String name, String protocol) {
        List<Integer> out = new ArrayList<>();
        if (pod == null) {
            return out;
        }
        List<Field> containers =
                new ArrayList<>(pod.get("spec").get("containers").list());
        if (is(Wrong.NAMED_PORT_OF_THE_FIRST_CONTAINER) && !containers.isEmpty()) {
            containers = new ArrayList<>(List.of(containers.getFirst()));
        }
        for (Field init : pod.get("spec").get("initContainers").list()) {
            boolean sidecar = init.get("restartPolicy").text().equals("Always");
            if (sidecar ? !is(Wrong.NAMED_PORT_IGNORES_SIDECARS) : is(Wrong.NAMED_PORT_OF_INIT_CONTAINERS)) {
                containers.add(init);
            }
        }
        for (Field container : containers) {
            for (Field port : container.get("ports").list()) {
                String of = port.get("protocol").text().isEmpty()
                        ? "TCP"
                        : port.get("protocol").text();
                if (port.get("name").text().equals(name)
                        && (of.equals(protocol) || is(Wrong.NAMED_PORT_IGNORES_THE_PROTOCOL))) {
                    out.add(port.get("containerPort").number());
                }
            }
        }
        return out;
    }
}
