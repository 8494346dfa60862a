package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.link.PatientWatch;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jboss.logging.Logger;

/** Follows namespaces for their quota of pods with addresses. */
public final class NamespaceWatch implements Terms.Follower, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(NamespaceWatch.class);

    private final Terms terms;
    private final SharedIndexInformer<Namespace> informer;
    private final Map<String, IpamEvent.NamespaceSeen> quotas = new HashMap<>(); // guarded by this

    public NamespaceWatch(KubernetesClient client, Terms terms) {
        this.terms = terms;
        informer = client.namespaces().withLimit(PodWatch.PAGE).runnableInformer(0);
        informer.itemStore(new NamesOnly<>(
                meta -> new NamespaceBuilder().withMetadata(meta).build()));
        informer.exceptionHandler(new PatientWatch("Namespaces"));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Namespace namespace) {
                put(seen(namespace));
            }

            @Override
            public void onUpdate(Namespace before, Namespace namespace) {
                put(seen(namespace));
            }

            @Override
            public void onDelete(Namespace namespace, boolean finalStateUnknown) {
                put(new IpamEvent.NamespaceSeen(namespace.getMetadata().getName(), OptionalInt.empty()));
            }
        });
    }

    public void start() {
        informer.start();
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        quotas.values().forEach(loop::put);
    }

    @Override
    public void ends(LoopThread loop) {}

    @Override
    public void close() {
        informer.stop();
    }

    private synchronized void put(IpamEvent.NamespaceSeen seen) {
        IpamEvent.NamespaceSeen before =
                seen.quota().isPresent() ? quotas.put(seen.namespace(), seen) : quotas.remove(seen.namespace());
        if (before == null ? seen.quota().isPresent() : !before.equals(seen)) {
            terms.tell(seen);
        }
    }

    static IpamEvent.NamespaceSeen seen(Namespace namespace) {
        String name = namespace.getMetadata().getName();
        Map<String, String> annotations = namespace.getMetadata().getAnnotations();
        String value = annotations == null ? null : annotations.get(IpamEvent.NamespaceSeen.QUOTA);
        if (value == null) {
            return new IpamEvent.NamespaceSeen(name, OptionalInt.empty());
        }
        if (!value.matches("[0-9]{1,7}")) {
            LOG.warnf(
                    "namespace %s: annotation %s is '%s'; it must be a whole number from 0 to 9999999 and is ignored",
                    name, IpamEvent.NamespaceSeen.QUOTA, value);
            return new IpamEvent.NamespaceSeen(name, OptionalInt.empty());
        }
        return new IpamEvent.NamespaceSeen(name, OptionalInt.of(Integer.parseInt(value)));
    }
}
