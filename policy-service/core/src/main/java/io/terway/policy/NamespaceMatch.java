package io.terway.policy;

import java.util.Map;

/** Which namespaces a selector of pods looks into. */
public sealed interface NamespaceMatch {

    /** The label every namespace carries without being asked: its own name. */
    String NAME_LABEL = "kubernetes.io/metadata.name";

    /** One namespace; for most selectors the policy's own. */
    record Named(String namespace) implements NamespaceMatch {}

    /** Namespaces by label. */
    record Labelled(Selector selector) implements NamespaceMatch {}

    /**
     * True when the namespace is meant.
     *
     * @param labels its labels, the implied one included
     */
    default boolean means(String namespace, Map<String, String> labels) {
        return switch (this) {
            case Named named -> named.namespace().equals(namespace);
            case Labelled labelled -> labelled.selector().matches(labels);
        };
    }
}
