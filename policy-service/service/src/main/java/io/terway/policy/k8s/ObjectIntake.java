package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.terway.net.NodeName;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyNode;
import io.terway.policy.PolicyPod;
import io.terway.policy.compile.PolicyCompiler;
import io.terway.policy.read.Field;
import io.terway.policy.read.ObjectReader;
import io.terway.policy.read.ReadPolicy;
import io.terway.policy.read.Unreadable;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Turns objects into records on arrival and passes them to the compiler; one odd object never stops the others. */
public final class ObjectIntake {

    private static final Logger LOG = Logger.getLogger(ObjectIntake.class);

    private final Changes changes;
    private final Runnable wake;
    private final Consumer<Fault> faults;
    private final Map<PolicyId, Fault> announced = new ConcurrentHashMap<>();

    /** A policy that is not in force as written. */
    public record Fault(ReadPolicy policy, String uid) {}

    /**
     * @param wake says that something may have synced
     * @param faults told once for each complaint
     */
    public ObjectIntake(Changes changes, Runnable wake, Consumer<Fault> faults) {
        this.changes = changes;
        this.wake = wake;
        this.faults = faults;
    }

    void wake() {
        wake.run();
    }

    void put(Watched watched, GenericKubernetesResource object) {
        try {
            Field tree = Field.root(tree(object));
            ObjectMeta meta = object.getMetadata();
            switch (watched) {
                case NAMESPACE -> {
                    Map<String, String> labels = ObjectReader.labels(tree);
                    change(watched, meta.getName(), compiler -> compiler.putNamespace(meta.getName(), labels));
                }
                case NODE -> {
                    PolicyNode node = ObjectReader.node(tree);
                    change(watched, meta.getName(), compiler -> compiler.putNode(node));
                }
                case POD -> {
                    PolicyPod pod = ObjectReader.pod(tree);
                    change(watched, pod.uid(), compiler -> compiler.putPod(pod));
                }
                case NETWORK_POLICY -> policy(PolicyId.Kind.NETWORK_POLICY, meta.getUid(), tree);
                case CLUSTER_NETWORK_POLICY -> policy(PolicyId.Kind.CLUSTER_NETWORK_POLICY, meta.getUid(), tree);
                case CILIUM_NETWORK_POLICY -> policy(PolicyId.Kind.CILIUM_NETWORK_POLICY, meta.getUid(), tree);
            }
        } catch (Unreadable | IllegalArgumentException e) {
            LOG.warnf("%s %s is left out: %s", watched.kind(), name(object), e.getMessage());
            remove(watched, object);
        }
    }

    void remove(Watched watched, GenericKubernetesResource object) {
        ObjectMeta meta = object.getMetadata();
        switch (watched) {
            case NAMESPACE -> change(watched, meta.getName(), compiler -> compiler.removeNamespace(meta.getName()));
            case NODE -> change(watched, meta.getName(), compiler -> compiler.removeNode(new NodeName(meta.getName())));
            case POD -> change(watched, meta.getUid(), compiler -> compiler.removePod(meta.getUid()));
            case NETWORK_POLICY -> noPolicy(id(PolicyId.Kind.NETWORK_POLICY, meta));
            case CLUSTER_NETWORK_POLICY -> noPolicy(id(PolicyId.Kind.CLUSTER_NETWORK_POLICY, meta));
            case CILIUM_NETWORK_POLICY -> noPolicy(id(PolicyId.Kind.CILIUM_NETWORK_POLICY, meta));
        }
    }

    private void policy(PolicyId.Kind kind, String uid, Field tree) {
        ReadPolicy read = ObjectReader.policy(kind, tree);
        PolicyId id = read.id();
        changes.put(
                key(id),
                read.policy()
                        .<Consumer<PolicyCompiler>>map(policy -> compiler -> compiler.putPolicy(policy))
                        .orElse(compiler -> compiler.removePolicy(id)));
        var fault = new Fault(read, uid);
        if (read.faults().isEmpty()) {
            announced.remove(id);
        } else if (!fault.policy().complaint().equals(complaint(announced.put(id, fault)))) {
            faults.accept(fault);
        }
    }

    private void noPolicy(PolicyId id) {
        announced.remove(id);
        changes.put(key(id), compiler -> compiler.removePolicy(id));
    }

    private static String complaint(Fault fault) {
        return fault == null ? "" : fault.policy().complaint();
    }

    private void change(Watched watched, String object, Consumer<PolicyCompiler> change) {
        changes.put(watched + " " + object, change);
    }

    private static String key(PolicyId id) {
        return id.kind() + " " + id;
    }

    private static PolicyId id(PolicyId.Kind kind, ObjectMeta meta) {
        return new PolicyId(kind, meta.getNamespace() == null ? "" : meta.getNamespace(), meta.getName());
    }

    private static String name(GenericKubernetesResource object) {
        ObjectMeta meta = object.getMetadata();
        return (meta.getNamespace() == null ? "" : meta.getNamespace() + "/") + meta.getName();
    }

    /** The object as the reader takes it; of the metadata only what it looks at. */
    private static Map<String, Object> tree(GenericKubernetesResource object) {
        Map<String, Object> out = new HashMap<>(object.getAdditionalProperties());
        ObjectMeta meta = object.getMetadata();
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("name", meta.getName());
        metadata.put("namespace", meta.getNamespace());
        metadata.put("uid", meta.getUid());
        metadata.put("labels", meta.getLabels());
        metadata.put("annotations", meta.getAnnotations());
        out.put("metadata", metadata);
        return out;
    }
}
