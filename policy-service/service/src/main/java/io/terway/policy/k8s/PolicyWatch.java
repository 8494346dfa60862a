package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyPod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The cluster as policy sees it, kept by watches. Objects become records on arrival. The listener is told that something
 * changed, from informer threads; {@link #snapshot} may be called from any thread.
 */
public final class PolicyWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PolicyWatch.class);

    private final Map<String, Map<String, String>> namespaces = new ConcurrentHashMap<>();
    private final Map<String, PolicyPod> pods = new ConcurrentHashMap<>();
    private final Map<PolicyId, NetworkPolicy> policies = new ConcurrentHashMap<>();
    private final Map<NodeName, List<Ip>> nodes = new ConcurrentHashMap<>();
    private final Runnable changed;
    private final Consumer<Fault> faults;
    private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

    /** Something in a policy that could not be read. */
    public record Fault(PolicyId policy, String uid, boolean refused, List<String> texts) {}

    private PolicyWatch(Runnable changed, Consumer<Fault> faults) {
        this.changed = changed;
        this.faults = faults;
    }

    /** Starts the watches; returns before they have synced. */
    public static PolicyWatch start(KubernetesClient client, Runnable changed, Consumer<Fault> faults) {
        var watch = new PolicyWatch(changed, faults);
        watch.follow(client.namespaces(), watch::namespace, watch::noNamespace);
        watch.follow(client.nodes(), watch::node, node -> watch.nodes.remove(new NodeName(name(node))));
        watch.follow(client.pods().inAnyNamespace(), watch::pod, pod -> watch.pods.remove(uid(pod)));
        watch.follow(client.network().v1().networkPolicies().inAnyNamespace(), watch::policy, watch::noPolicy);
        return watch;
    }

    /** True once every watch has its first full list. */
    public boolean synced() {
        return informers.stream().allMatch(SharedIndexInformer::hasSynced);
    }

    /** The cluster now. */
    public PolicyCluster snapshot() {
        return new PolicyCluster(namespaces, List.copyOf(pods.values()), List.copyOf(policies.values()), nodes);
    }

    @Override
    public void close() {
        informers.forEach(SharedIndexInformer::stop);
    }

    private <T extends HasMetadata> void follow(Informable<T> resource, Consumer<T> put, Consumer<T> remove) {
        SharedIndexInformer<T> informer = resource.runnableInformer(0);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                apply(object, put);
            }

            @Override
            public void onUpdate(T before, T object) {
                apply(object, put);
            }

            @Override
            public void onDelete(T object, boolean finalStateUnknown) {
                apply(object, remove);
            }
        });
        // Also the first list is tried again: a service may start before the API server answers.
        informer.exceptionHandler((started, failure) -> true);
        informer.start();
        informers.add(informer);
    }

    /** One odd object must not stop the watch of the others. */
    private <T extends HasMetadata> void apply(T object, Consumer<T> effect) {
        try {
            effect.accept(object);
        } catch (IllegalArgumentException e) {
            LOG.warnf(
                    "%s %s/%s is left out: %s",
                    object.getKind(), object.getMetadata().getNamespace(), name(object), e.getMessage());
        }
        changed.run();
    }

    private void namespace(Namespace namespace) {
        Map<String, String> labels = namespace.getMetadata().getLabels();
        namespaces.put(name(namespace), labels == null ? Map.of() : Map.copyOf(labels));
    }

    private void noNamespace(Namespace namespace) {
        namespaces.remove(name(namespace));
    }

    private void node(Node node) {
        List<Ip> addresses = node.getStatus() == null || node.getStatus().getAddresses() == null
                ? List.of()
                : node.getStatus().getAddresses().stream()
                        .filter(address -> address.getType().endsWith("IP"))
                        .map(address -> Ip.parse(address.getAddress()))
                        .toList();
        nodes.put(new NodeName(name(node)), addresses);
    }

    private void pod(Pod pod) {
        pods.put(uid(pod), PodReader.read(pod));
    }

    private void policy(io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy object) {
        PolicyReader.Read read = PolicyReader.read(object);
        var id = new PolicyId(object.getMetadata().getNamespace(), name(object));
        read.policy().ifPresentOrElse(policy -> policies.put(id, policy), () -> policies.remove(id));
        if (!read.faults().isEmpty()) {
            faults.accept(new Fault(id, uid(object), read.policy().isEmpty(), read.faults()));
        }
    }

    private void noPolicy(io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy object) {
        policies.remove(new PolicyId(object.getMetadata().getNamespace(), name(object)));
    }

    private static String name(HasMetadata object) {
        return object.getMetadata().getName();
    }

    private static String uid(HasMetadata object) {
        return object.getMetadata().getUid();
    }
}
