package io.terway.policy.compile;

import io.terway.policy.NamespaceMatch;
import io.terway.policy.Peer;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyPod;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** All profiles, found by what selectors require: the other half of {@link SelectorIndex}. */
final class Profiles {

    private final Map<String, Space> spaces = new LinkedHashMap<>();
    private final Map<Label, Set<Space>> spacesByLabel = new HashMap<>();

    /** A namespace as policy sees it: its labels, and profiles by what they carry. */
    static final class Space {
        private final String name;
        private Map<String, String> labels;
        private final Map<Profile.Key, Profile> profiles = new LinkedHashMap<>();
        private final Map<Label, Set<Profile>> byLabel = new HashMap<>();

        private Space(String name, Map<String, String> labels) {
            this.name = name;
            this.labels = labels;
        }

        String name() {
            return name;
        }

        Map<String, String> labels() {
            return labels;
        }

        Collection<Profile> profiles() {
            return profiles.values();
        }
    }

    /** The namespace; one that is not known yet has only its name as a label. */
    Space space(String name) {
        Space known = spaces.get(name);
        return known != null ? known : put(name, Map.of());
    }

    /** Gives a namespace its labels. True when they are others than before. */
    boolean label(String name, Map<String, String> labels) {
        Space space = spaces.get(name);
        Map<String, String> all = PolicyCluster.withName(name, labels);
        if (space == null) {
            dropIfBare(put(name, labels));
            return false;
        }
        if (space.labels.equals(all)) {
            return false;
        }
        index(space, false);
        space.labels = all;
        index(space, true);
        dropIfBare(space);
        return true;
    }

    /** A namespace that is gone and empty: the next pod would find the same again. */
    private void dropIfBare(Space space) {
        if (space.profiles.isEmpty() && space.labels.size() == 1) {
            index(space, false);
            spaces.remove(space.name);
        }
    }

    /** The profile of a pod, made if it is the first of its kind. */
    Profile profile(PolicyPod pod, Consumer<Profile> made) {
        Profile.Key key = Profile.Key.of(pod);
        Space space = space(key.namespace());
        Profile known = space.profiles.get(key);
        if (known != null) {
            return known;
        }
        var profile = new Profile(key);
        space.profiles.put(key, profile);
        key.labels()
                .entrySet()
                .forEach(label -> space.byLabel
                        .computeIfAbsent(Label.of(label), _ -> new LinkedHashSet<>())
                        .add(profile));
        made.accept(profile);
        return profile;
    }

    /** Forgets a profile without pods. */
    void remove(Profile profile) {
        Space space = space(profile.key().namespace());
        space.profiles.remove(profile.key());
        for (Map.Entry<String, String> entry : profile.key().labels().entrySet()) {
            Label label = Label.of(entry);
            Set<Profile> carriers = space.byLabel.getOrDefault(label, Set.of());
            carriers.remove(profile);
            if (carriers.isEmpty()) {
                space.byLabel.remove(label);
            }
        }
        dropIfBare(space);
    }

    /** Hands over each profile that the selector means. */
    void matching(Peer.Pods selector, Consumer<Profile> found) {
        switch (selector.namespaces()) {
            case NamespaceMatch.Named named -> {
                Space space = spaces.get(named.namespace());
                if (space != null) {
                    matching(space, selector, found);
                }
            }
            case NamespaceMatch.Labelled labelled -> {
                Optional<Label> required = Label.requiredBy(labelled.selector());
                Collection<Space> candidates =
                        required.isPresent() ? spacesByLabel.getOrDefault(required.get(), Set.of()) : spaces.values();
                for (Space space : candidates) {
                    if (labelled.selector().matches(space.labels)) {
                        matching(space, selector, found);
                    }
                }
            }
        }
    }

    Collection<Space> spaces() {
        return spaces.values();
    }

    private static void matching(Space space, Peer.Pods selector, Consumer<Profile> found) {
        Optional<Label> required = Label.requiredBy(selector.pods());
        Collection<Profile> candidates =
                required.isPresent() ? space.byLabel.getOrDefault(required.get(), Set.of()) : space.profiles.values();
        for (Profile profile : candidates) {
            if (selector.pods().matches(profile.key().labels())) {
                found.accept(profile);
            }
        }
    }

    private Space put(String name, Map<String, String> labels) {
        var space = new Space(name, PolicyCluster.withName(name, labels));
        spaces.put(name, space);
        index(space, true);
        return space;
    }

    private void index(Space space, boolean in) {
        for (Map.Entry<String, String> entry : space.labels.entrySet()) {
            Label label = Label.of(entry);
            if (in) {
                spacesByLabel.computeIfAbsent(label, _ -> new LinkedHashSet<>()).add(space);
            } else {
                Set<Space> carriers = spacesByLabel.getOrDefault(label, Set.of());
                carriers.remove(space);
                if (carriers.isEmpty()) {
                    spacesByLabel.remove(label);
                }
            }
        }
    }
}
