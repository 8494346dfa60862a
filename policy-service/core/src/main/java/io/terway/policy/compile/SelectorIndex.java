package io.terway.policy.compile;

import io.terway.policy.NamespaceMatch;
import io.terway.policy.Peer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds the selectors that mean a profile without trying them all: each is kept under one thing that all its pods have
 * (the namespace, a label, a label of the namespace), if there is one.
 *
 * @param <T> whose selectors they are
 */
final class SelectorIndex<T> {

    private final Map<String, Bucket<T>> byNamespace = new HashMap<>();
    private final Bucket<T> anywhere = new Bucket<>();
    private final Map<Label, Set<Entry<T>>> byNamespaceLabel = new HashMap<>();

    private record Entry<T>(Peer.Pods selector, T owner) {}

    /** Entries of one namespace, or of all. */
    private static final class Bucket<T> {
        private final Map<Label, Set<Entry<T>>> byLabel = new HashMap<>();
        private final Set<Entry<T>> rest = new LinkedHashSet<>();
    }

    void add(Peer.Pods selector, T owner) {
        var entry = new Entry<>(selector, owner);
        Optional<Label> label = Label.requiredBy(selector.pods());
        Optional<Label> namespaceLabel = namespaceLabel(selector);
        if (label.isEmpty() && namespaceLabel.isPresent()) {
            put(byNamespaceLabel, namespaceLabel.get(), entry);
            return;
        }
        Bucket<T> bucket = bucket(selector);
        if (label.isPresent()) {
            put(bucket.byLabel, label.get(), entry);
        } else {
            bucket.rest.add(entry);
        }
    }

    void remove(Peer.Pods selector, T owner) {
        var entry = new Entry<>(selector, owner);
        Optional<Label> label = Label.requiredBy(selector.pods());
        Optional<Label> namespaceLabel = namespaceLabel(selector);
        if (label.isEmpty() && namespaceLabel.isPresent()) {
            take(byNamespaceLabel, namespaceLabel.get(), entry);
            return;
        }
        Bucket<T> bucket = bucket(selector);
        if (label.isPresent()) {
            take(bucket.byLabel, label.get(), entry);
        } else {
            bucket.rest.remove(entry);
        }
        if (selector.namespaces() instanceof NamespaceMatch.Named named
                && bucket.byLabel.isEmpty()
                && bucket.rest.isEmpty()) {
            byNamespace.remove(named.namespace());
        }
    }

    /** Hands over the owner of each selector that means pods with these labels there. */
    void matching(
            String namespace,
            Map<String, String> namespaceLabels,
            Map<String, String> labels,
            Consumer<? super T> found) {
        Consumer<Entry<T>> check = entry -> {
            if (entry.selector().namespaces().means(namespace, namespaceLabels)
                    && entry.selector().pods().matches(labels)) {
                found.accept(entry.owner());
            }
        };
        Bucket<T> own = byNamespace.get(namespace);
        if (own != null) {
            each(own, labels, check);
        }
        each(anywhere, labels, check);
        if (!byNamespaceLabel.isEmpty()) {
            for (Map.Entry<String, String> label : namespaceLabels.entrySet()) {
                byNamespaceLabel.getOrDefault(Label.of(label), Set.of()).forEach(check);
            }
        }
    }

    private static <T> void each(Bucket<T> bucket, Map<String, String> labels, Consumer<Entry<T>> check) {
        if (!bucket.byLabel.isEmpty()) {
            for (Map.Entry<String, String> label : labels.entrySet()) {
                bucket.byLabel.getOrDefault(Label.of(label), Set.of()).forEach(check);
            }
        }
        bucket.rest.forEach(check);
    }

    private static Optional<Label> namespaceLabel(Peer.Pods selector) {
        return switch (selector.namespaces()) {
            case NamespaceMatch.Named _ -> Optional.empty();
            case NamespaceMatch.Labelled labelled -> Label.requiredBy(labelled.selector());
        };
    }

    private Bucket<T> bucket(Peer.Pods selector) {
        return switch (selector.namespaces()) {
            case NamespaceMatch.Named named -> byNamespace.computeIfAbsent(named.namespace(), _ -> new Bucket<>());
            case NamespaceMatch.Labelled _ -> anywhere;
        };
    }

    private static <T> void put(Map<Label, Set<Entry<T>>> map, Label label, Entry<T> entry) {
        map.computeIfAbsent(label, _ -> new LinkedHashSet<>()).add(entry);
    }

    private static <T> void take(Map<Label, Set<Entry<T>>> map, Label label, Entry<T> entry) {
        Set<Entry<T>> entries = map.getOrDefault(label, Set.of());
        entries.remove(entry);
        if (entries.isEmpty()) {
            map.remove(label);
        }
    }
}
