package io.terway.policy.compile;

import io.terway.net.NodeName;
import io.terway.policy.ClusterPolicy;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Policy;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The cluster, compiled. Give it changes; ask {@link #changedViews} which nodes have to be told something, and each
 * {@link NodeView} what.
 */
public final class PolicyCompiler {

    private final Profiles profiles = new Profiles();
    private final SetRegistry sets = new SetRegistry(profiles);
    private final RuleCompiler rules = new RuleCompiler(sets::get);
    private final ProgramPool pool = new ProgramPool();
    private final Binder binder = new Binder(profiles, pool);
    private final Map<PolicyId, CompiledPolicy> policies = new HashMap<>();
    private final Map<String, Placed> pods = new HashMap<>();
    private final Map<NodeName, Set<String>> podsOfNode = new HashMap<>();
    private final Map<NodeName, Set<NodeView>> views = new HashMap<>();
    private final Set<NodeView> changed = new LinkedHashSet<>();
    private final Map<String, Integer> policiesOfNamespace = new TreeMap<>();
    private int clusterPolicies;

    private record Placed(PolicyPod pod, Profile profile) {}

    /** A namespace came or changed its labels. */
    public void putNamespace(String name, Map<String, String> labels) {
        if (profiles.label(name, labels)) {
            for (Profile profile : List.copyOf(profiles.space(name).profiles())) {
                sets.match(profile);
                invalidate(profile);
            }
        }
    }

    /** A namespace went: what is left in it sees only its name. */
    public void removeNamespace(String name) {
        putNamespace(name, Map.of());
    }

    public void putNode(PolicyNode node) {
        sets.node(node.name().value(), node);
    }

    public void removeNode(NodeName name) {
        sets.node(name.value(), null);
    }

    /** A pod came or changed; one that policy cannot select is as good as none. */
    public void putPod(PolicyPod pod) {
        Placed before = pods.get(pod.uid());
        if (before != null && before.pod().equals(pod)) {
            return;
        }
        Optional<Profile> old = Optional.ofNullable(before).map(Placed::profile);
        if (before != null) {
            take(before);
        }
        if (pod.selectable()) {
            Profile profile = profiles.profile(pod, sets::match);
            profile.pods().put(pod.uid(), pod);
            sets.add(profile, pod);
            pods.put(pod.uid(), new Placed(pod, profile));
            pod.node()
                    .ifPresent(node -> podsOfNode
                            .computeIfAbsent(node, _ -> new LinkedHashSet<>())
                            .add(pod.uid()));
            pod.node().ifPresent(node -> touch(node, pod.uid()));
        }
        old.ifPresent(this::dropIfEmpty);
    }

    public void removePod(String uid) {
        Placed before = pods.get(uid);
        if (before != null) {
            take(before);
            dropIfEmpty(before.profile());
        }
    }

    /** A policy came or changed. */
    public void putPolicy(Policy policy) {
        CompiledPolicy before = policies.get(policy.id());
        if (before != null && before.policy().equals(policy)) {
            return;
        }
        CompiledPolicy now = rules.compile(policy);
        sets.acquire(now.sets());
        if (before == null) {
            count(policy, 1);
        } else {
            unbind(before);
        }
        policies.put(policy.id(), now);
        binder.add(now);
        profiles.matching(policy.subject(), this::invalidate);
    }

    public void removePolicy(PolicyId id) {
        CompiledPolicy before = policies.remove(id);
        if (before != null) {
            unbind(before);
            count(before.policy(), -1);
        }
    }

    /** Everything it holds, for those who need the whole; costs as much as there is. */
    public PolicyCluster snapshot() {
        Map<String, Map<String, String>> namespaces = new HashMap<>();
        profiles.spaces().forEach(space -> namespaces.put(space.name(), space.labels()));
        return new PolicyCluster(
                namespaces,
                pods.values().stream().map(Placed::pod).toList(),
                policies.values().stream().map(CompiledPolicy::policy).toList(),
                sets.nodes());
    }

    /** Somebody listens for a node; the first difference is everything. */
    public NodeView open(NodeName node) {
        var view = new NodeView(node, this);
        views.computeIfAbsent(node, _ -> new LinkedHashSet<>()).add(view);
        podsOfNode.getOrDefault(node, Set.of()).forEach(view::touched);
        changed.add(view);
        return view;
    }

    /** Nobody listens to it any more. */
    public void close(NodeView view) {
        view.close();
        changed.remove(view);
        Set<NodeView> others = views.getOrDefault(view.node(), Set.of());
        others.remove(view);
        if (others.isEmpty()) {
            views.remove(view.node());
        }
    }

    /** Views with something to tell; asking clears the list. */
    public List<NodeView> changedViews() {
        List<NodeView> out = List.copyOf(changed);
        changed.clear();
        return out;
    }

    /** Sizes for people: pods, profiles, policies, sets, programs. */
    public Map<String, Integer> sizes() {
        Map<String, Integer> out = new LinkedHashMap<>();
        out.put("pods", pods.size());
        out.put(
                "profiles",
                profiles.spaces().stream()
                        .mapToInt(space -> space.profiles().size())
                        .sum());
        out.put("policies", policies.size());
        out.put("sets", sets.size());
        out.put("programs", pool.size());
        return out;
    }

    /** Compiles every pod's programs now instead of when its node asks. */
    public void compileAll() {
        profiles.spaces().forEach(space -> space.profiles().forEach(binder::programs));
    }

    /** Every element of a set. */
    public Set<Element> elements(AddressSet set) {
        return sets.elements(set);
    }

    boolean holds(AddressSet set, Element element) {
        return sets.holds(set, element);
    }

    void changed(NodeView view) {
        changed.add(view);
    }

    NodeDelta.IsolationIndex index() {
        return new NodeDelta.IsolationIndex(
                Collections.unmodifiableSortedSet(new TreeSet<>(policiesOfNamespace.keySet())), clusterPolicies > 0);
    }

    /** The pod with its programs, if it is on this node. */
    Optional<NodeDelta.Binding> binding(NodeName node, String uid) {
        Placed placed = pods.get(uid);
        if (placed == null || !placed.pod().node().equals(Optional.of(node))) {
            return Optional.empty();
        }
        Profile.Programs programs = binder.programs(placed.profile());
        return Optional.of(new NodeDelta.Binding(placed.pod(), programs.ingress(), programs.egress()));
    }

    private void take(Placed placed) {
        PolicyPod pod = placed.pod();
        pods.remove(pod.uid());
        placed.profile().pods().remove(pod.uid());
        sets.remove(placed.profile(), pod);
        pod.node().ifPresent(node -> {
            Set<String> others = podsOfNode.getOrDefault(node, Set.of());
            others.remove(pod.uid());
            if (others.isEmpty()) {
                podsOfNode.remove(node);
            }
            touch(node, pod.uid());
        });
    }

    private void dropIfEmpty(Profile profile) {
        if (profile.pods().isEmpty()) {
            sets.forget(profile);
            binder.forget(profile);
            profiles.remove(profile);
        }
    }

    private void unbind(CompiledPolicy policy) {
        binder.remove(policy);
        profiles.matching(policy.policy().subject(), this::invalidate);
        sets.release(policy.sets());
    }

    private void invalidate(Profile profile) {
        binder.forget(profile);
        if (!views.isEmpty()) {
            profile.pods().values().forEach(pod -> pod.node().ifPresent(node -> touch(node, pod.uid())));
        }
    }

    private void touch(NodeName node, String uid) {
        views.getOrDefault(node, Set.of()).forEach(view -> view.touched(uid));
    }

    private void count(Policy policy, int more) {
        boolean indexChanged = switch (policy) {
            case NetworkPolicy network -> {
                String namespace = network.id().namespace();
                int count = policiesOfNamespace.merge(namespace, more, Integer::sum);
                if (count == 0) {
                    policiesOfNamespace.remove(namespace);
                }
                yield count == 0 || count == 1 && more == 1;
            }
            case ClusterPolicy _ -> {
                clusterPolicies += more;
                yield clusterPolicies == 0 || clusterPolicies == 1 && more == 1;
            }
        };
        if (indexChanged) {
            views.values().forEach(some -> some.forEach(NodeView::touchedIndex));
        }
    }
}
