package io.terway.policy.read;

import io.terway.policy.NamespaceMatch;
import io.terway.policy.Peer;
import io.terway.policy.Selector;
import io.terway.policy.Selector.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cilium's endpoint selectors: label keys may carry their source ({@code k8s:app}), and two pseudo labels speak of the
 * namespace. Without those a selector means the policy's own namespace.
 */
final class CiliumSelectors {

    private static final String NAMESPACE = "io.kubernetes.pod.namespace";
    private static final String NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels.";

    private CiliumSelectors() {}

    static Peer.Pods read(Field selector, String ownNamespace) {
        Map<String, String> pods = new LinkedHashMap<>();
        Map<String, String> namespaces = new LinkedHashMap<>();
        List<Requirement> podRequirements = new ArrayList<>();
        List<Requirement> namespaceRequirements = new ArrayList<>();
        Selector whole = Selectors.read(withoutSources(selector));
        whole.pairs().forEach((key, value) -> {
            if (ofNamespace(key)) {
                namespaces.put(namespaceKey(key), value);
            } else {
                pods.put(key, value);
            }
        });
        for (Requirement requirement : whole.requirements()) {
            if (ofNamespace(requirement.key())) {
                namespaceRequirements.add(rekeyed(requirement));
            } else {
                podRequirements.add(requirement);
            }
        }
        return new Peer.Pods(
                where(namespaces, namespaceRequirements, ownNamespace), new Selector(pods, podRequirements));
    }

    private static NamespaceMatch where(
            Map<String, String> pairs, List<Requirement> requirements, String ownNamespace) {
        if (pairs.isEmpty() && requirements.isEmpty()) {
            return new NamespaceMatch.Named(ownNamespace);
        }
        if (requirements.isEmpty() && pairs.keySet().equals(java.util.Set.of(NamespaceMatch.NAME_LABEL))) {
            return new NamespaceMatch.Named(pairs.get(NamespaceMatch.NAME_LABEL));
        }
        return new NamespaceMatch.Labelled(new Selector(pairs, requirements));
    }

    private static boolean ofNamespace(String key) {
        return key.equals(NAMESPACE) || key.startsWith(NAMESPACE_LABELS);
    }

    private static String namespaceKey(String key) {
        return key.equals(NAMESPACE) ? NamespaceMatch.NAME_LABEL : key.substring(NAMESPACE_LABELS.length());
    }

    private static Requirement rekeyed(Requirement requirement) {
        String key = namespaceKey(requirement.key());
        return switch (requirement) {
            case Requirement.In in -> new Requirement.In(key, in.values());
            case Requirement.NotIn notIn -> new Requirement.NotIn(key, notIn.values());
            case Requirement.Exists _ -> new Requirement.Exists(key);
            case Requirement.DoesNotExist _ -> new Requirement.DoesNotExist(key);
        };
    }

    /** The same selector with plain keys, paths kept. */
    private static Field withoutSources(Field selector) {
        selector.only("matchLabels", "matchExpressions");
        Map<String, Object> out = new LinkedHashMap<>();
        Field labels = selector.get("matchLabels");
        Map<String, Object> pairs = new LinkedHashMap<>();
        labels.map().forEach((key, value) -> pairs.put(plain(labels.get(key), key), value));
        out.put("matchLabels", pairs);
        List<Object> expressions = new ArrayList<>();
        for (Field expression : selector.get("matchExpressions").list()) {
            Map<String, Object> copy = new LinkedHashMap<>(expression.map());
            Field key = expression.get("key");
            copy.put("key", plain(key, key.text()));
            expressions.add(copy);
        }
        out.put("matchExpressions", expressions);
        return new Field(selector.path(), out);
    }

    private static String plain(Field at, String key) {
        int colon = key.indexOf(':');
        String source = colon < 0 ? "" : key.substring(0, colon);
        String name = key.substring(colon + 1);
        if (!source.isEmpty() && !source.equals("k8s") && !source.equals("any")) {
            throw new Unreadable(at, "labels of source '" + source + "' are not supported; k8s and any are");
        }
        if (name.startsWith("io.cilium.k8s.policy.") || name.startsWith("reserved.")) {
            throw new Unreadable(at, "the label '" + name + "' is not supported");
        }
        return name;
    }
}
