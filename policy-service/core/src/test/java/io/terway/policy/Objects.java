package io.terway.policy;

import io.terway.policy.read.Field;
import io.terway.policy.read.ObjectReader;
import io.terway.policy.read.ReadPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** Manifests in tests: as text, as trees, as a cluster. */
public final class Objects {

    private Objects() {}

    /** Documents of a YAML text. */
    public static List<Map<String, Object>> yaml(String text) {
        List<Map<String, Object>> out = new ArrayList<>();
        for (Object document : new Yaml().loadAll(text)) {
            out.add(tree(document));
        }
        return out;
    }

    @SuppressWarnings("unchecked")
    public static Map<String, Object> tree(Object value) {
        return (Map<String, Object>) value;
    }

    /** A map of keys and values in turn; null values stay. */
    public static Map<String, Object> map(Object... pairs) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            out.put((String) pairs[i], pairs[i + 1]);
        }
        return out;
    }

    /** One policy. */
    public static ReadPolicy policy(Map<String, Object> object) {
        for (PolicyId.Kind kind : PolicyId.Kind.values()) {
            if (kind.text().equals(object.get("kind"))) {
                return ObjectReader.policy(kind, Field.root(object));
            }
        }
        throw new IllegalArgumentException("no policy: " + object.get("kind"));
    }

    /** The cluster they describe. */
    public static PolicyCluster cluster(List<Map<String, Object>> objects) {
        Map<String, Map<String, String>> namespaces = new HashMap<>();
        List<PolicyPod> pods = new ArrayList<>();
        List<PolicyNode> nodes = new ArrayList<>();
        List<Policy> policies = new ArrayList<>();
        for (Map<String, Object> object : objects) {
            Field root = Field.root(object);
            switch (root.get("kind").text()) {
                case "Namespace" ->
                    namespaces.put(root.get("metadata").get("name").text(), ObjectReader.labels(root));
                case "Node" -> nodes.add(ObjectReader.node(root));
                case "Pod" -> pods.add(ObjectReader.pod(root));
                default -> policy(object).policy().ifPresent(policies::add);
            }
        }
        return new PolicyCluster(namespaces, pods, policies, nodes);
    }
}
