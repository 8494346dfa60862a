package io.terway.net;

/**
 * A pod by name. Names are reused (StatefulSets do so on purpose): where one life of a pod is meant, its UID goes along.
 *
 * @param namespace the pod's namespace, at most 63 characters
 * @param name the pod's name, at most 253 characters
 */
public record PodRef(String namespace, String name) implements Comparable<PodRef> {

    public PodRef {
        Texts.requireId("namespace", namespace, 63);
        Texts.requireId("pod name", name, 253);
    }

    /** Reads {@code namespace/name}. */
    public static PodRef parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + text + "' is not NAMESPACE/NAME");
        }
        return new PodRef(text.substring(0, slash), text.substring(slash + 1));
    }

    @Override
    public int compareTo(PodRef other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
