package io.terway.policy.compile;

import io.terway.net.Ip;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.Peer;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import io.terway.policy.PortMatch;
import io.terway.policy.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** All sets that some policy uses, and which pods and nodes are in them. */
final class SetRegistry {

    private static final Peer.Pods EVERY_POD = new Peer.Pods(new NamespaceMatch.Labelled(Selector.ALL), Selector.ALL);

    private final Profiles profiles;
    private final Map<SetKey, AddressSet> sets = new HashMap<>();
    private final SelectorIndex<AddressSet> bySelector = new SelectorIndex<>();
    private final Set<AddressSet> ofNodes = new LinkedHashSet<>();
    private final Map<Ip, List<Holder>> holders = new HashMap<>();
    private final Map<String, PolicyNode> nodes = new LinkedHashMap<>();
    private final Map<Ip, Set<PolicyNode>> nodesAt = new HashMap<>();

    private record Holder(Profile profile, PolicyPod pod) {}

    SetRegistry(Profiles profiles) {
        this.profiles = profiles;
    }

    /** The set of this key, filled when it is new. */
    AddressSet get(SetKey key) {
        return sets.computeIfAbsent(key, this::create);
    }

    /** A policy uses these sets. */
    void acquire(Set<AddressSet> used) {
        used.forEach(set -> set.use(1));
    }

    /** A policy uses them no more; sets without users are forgotten. */
    void release(Set<AddressSet> used) {
        for (AddressSet set : used) {
            if (set.use(-1) == 0) {
                sets.remove(set.key());
                ofNodes.remove(set);
                selector(set.key()).forEach(selector -> bySelector.remove(selector, set));
                set.members().forEach(profile -> profile.sets().remove(set));
            }
        }
    }

    int size() {
        return sets.size();
    }

    List<PolicyNode> nodes() {
        return List.copyOf(nodes.values());
    }

    /** Puts a profile into the sets that mean it, and takes it out of those that do no more. */
    void match(Profile profile) {
        Profiles.Space space = profiles.space(profile.key().namespace());
        Set<AddressSet> now = new LinkedHashSet<>();
        bySelector.matching(space.name(), space.labels(), profile.key().labels(), set -> {
            if (hasPort(set.key(), profile)) {
                now.add(set);
            }
        });
        for (AddressSet set : List.copyOf(profile.sets())) {
            if (!now.contains(set)) {
                leave(profile, set);
            }
        }
        for (AddressSet set : now) {
            if (!profile.sets().contains(set)) {
                enter(profile, set);
            }
        }
    }

    /** A profile that lost its last pod. */
    void forget(Profile profile) {
        List.copyOf(profile.sets()).forEach(set -> leave(profile, set));
    }

    void add(Profile profile, PolicyPod pod) {
        for (AddressSet set : profile.sets()) {
            SetElements.of(set.key(), pod).stream()
                    .filter(element -> !holds(set, element))
                    .forEach(element -> set.changed(element, true));
        }
        for (Ip ip : pod.ips()) {
            holders.merge(ip, List.of(new Holder(profile, pod)), (some, more) -> {
                List<Holder> all = new ArrayList<>(some);
                all.addAll(more);
                return all;
            });
        }
    }

    void remove(Profile profile, PolicyPod pod) {
        for (Ip ip : pod.ips()) {
            holders.computeIfPresent(ip, (_, some) -> {
                List<Holder> left =
                        some.stream().filter(holder -> holder.pod() != pod).toList();
                return left.isEmpty() ? null : left;
            });
        }
        for (AddressSet set : profile.sets()) {
            SetElements.of(set.key(), pod).stream()
                    .filter(element -> !holds(set, element))
                    .forEach(element -> set.changed(element, false));
        }
    }

    /** A node came, changed or went. */
    void node(String name, PolicyNode now) {
        PolicyNode before = now == null ? nodes.remove(name) : nodes.put(name, now);
        if (before != null) {
            before.addresses()
                    .forEach(ip -> nodesAt.computeIfPresent(ip, (_, some) -> {
                        some.remove(before);
                        return some.isEmpty() ? null : some;
                    }));
        }
        if (now != null) {
            now.addresses()
                    .forEach(ip -> nodesAt.computeIfAbsent(ip, _ -> new LinkedHashSet<>())
                            .add(now));
        }
        for (AddressSet set : ofNodes) {
            Set<Element> were = before == null ? Set.of() : elements(set, before);
            Set<Element> are = now == null ? Set.of() : elements(set, now);
            were.stream()
                    .filter(element -> !are.contains(element) && !holds(set, element))
                    .forEach(element -> set.changed(element, false));
            are.stream().filter(element -> !were.contains(element)).forEach(element -> set.changed(element, true));
        }
    }

    /** Every element of a set, each once. */
    Set<Element> elements(AddressSet set) {
        if (set.key() instanceof SetKey.Blocks blocks) {
            Set<Element> out = new LinkedHashSet<>();
            blocks.blocks().forEach(block -> out.add(new Element.Block(block)));
            return out;
        }
        Set<Element> out = new LinkedHashSet<>();
        set.members()
                .forEach(profile -> profile.pods().values().forEach(pod -> out.addAll(SetElements.of(set.key(), pod))));
        if (ofNodes.contains(set)) {
            nodes.values().forEach(node -> out.addAll(elements(set, node)));
        }
        return out;
    }

    /** True when the element is in the set now. */
    boolean holds(AddressSet set, Element element) {
        Ip ip = switch (element) {
            case Element.Address address -> address.ip();
            case Element.Endpoint endpoint -> endpoint.ip();
            case Element.Block block -> block.cidr().network();
        };
        for (Holder holder : holders.getOrDefault(ip, List.of())) {
            if (set.members().contains(holder.profile())
                    && SetElements.of(set.key(), holder.pod()).contains(element)) {
                return true;
            }
        }
        return ofNodes.contains(set)
                && nodesAt.getOrDefault(ip, Set.of()).stream()
                        .anyMatch(node -> elements(set, node).contains(element));
    }

    private AddressSet create(SetKey key) {
        var set = new AddressSet(key);
        boolean withNodes = key instanceof SetKey.Nodes || key instanceof SetKey.Cluster;
        if (withNodes) {
            ofNodes.add(set);
        }
        selector(key).forEach(selector -> {
            bySelector.add(selector, set);
            profiles.matching(selector, profile -> {
                if (hasPort(key, profile)) {
                    set.members().add(profile);
                    profile.sets().add(set);
                }
            });
        });
        return set;
    }

    private void enter(Profile profile, AddressSet set) {
        for (PolicyPod pod : profile.pods().values()) {
            SetElements.of(set.key(), pod).stream()
                    .filter(element -> !holds(set, element))
                    .forEach(element -> set.changed(element, true));
        }
        set.members().add(profile);
        profile.sets().add(set);
    }

    private void leave(Profile profile, AddressSet set) {
        set.members().remove(profile);
        profile.sets().remove(set);
        for (PolicyPod pod : profile.pods().values()) {
            SetElements.of(set.key(), pod).stream()
                    .filter(element -> !holds(set, element))
                    .forEach(element -> set.changed(element, false));
        }
    }

    private static boolean hasPort(SetKey key, Profile profile) {
        return !(key instanceof SetKey.Endpoints endpoints)
                || profile.key().ports().stream().anyMatch(port -> names(port, endpoints.port()));
    }

    private static boolean names(PolicyPod.NamedPort port, PortMatch.Named named) {
        return port.protocol() == named.protocol() && port.name().equals(named.name());
    }

    /** The pods a set can hold; none for sets that hold none. */
    private static Stream<Peer.Pods> selector(SetKey key) {
        return switch (key) {
            case SetKey.Pods pods -> Stream.of(pods.peer());
            case SetKey.Cluster _ -> Stream.of(EVERY_POD);
            case SetKey.Endpoints endpoints -> Stream.of(endpoints.peer() instanceof Peer.Pods pods ? pods : EVERY_POD);
            case SetKey.Nodes _, SetKey.Blocks _ -> Stream.empty();
        };
    }

    private static Set<Element> elements(AddressSet set, PolicyNode node) {
        boolean meant = switch (set.key()) {
            case SetKey.Nodes selected -> selected.labels().matches(node.labels());
            case SetKey.Cluster _ -> true;
            case SetKey.Pods _, SetKey.Blocks _, SetKey.Endpoints _ -> false;
        };
        Set<Element> out = new LinkedHashSet<>();
        if (meant) {
            node.addresses().forEach(ip -> out.add(new Element.Address(ip)));
        }
        return out;
    }
}
