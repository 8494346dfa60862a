package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.ipam.Retention;
import io.terway.net.PodRef;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Follows all StatefulSets: what they ask for their pods, and which pods they will make again. */
public final class StatefulSetWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(StatefulSetWatch.class);

    private final KubernetesClient client;
    private final SharedIndexInformer<StatefulSet> informer;
    private final Map<PodRef, Owner> owners = new ConcurrentHashMap<>();
    private volatile Consumer<PodRef> listener = _ -> {};

    /**
     * What counts of a StatefulSet.
     *
     * @param first ordinal
     * @param wishes its annotations that are meant for its pods
     */
    record Owner(int first, int replicas, boolean deleting, Map<String, String> wishes) {

        static Owner of(StatefulSet set) {
            ObjectMeta meta = set.getMetadata();
            Map<String, String> wishes = new TreeMap<>();
            if (meta.getAnnotations() != null) {
                for (String key : new String[] {FixedWish.ANNOTATION, Retention.ANNOTATION}) {
                    Optional.ofNullable(meta.getAnnotations().get(key)).ifPresent(value -> wishes.put(key, value));
                }
            }
            var spec = set.getSpec();
            int first = spec == null
                            || spec.getOrdinals() == null
                            || spec.getOrdinals().getStart() == null
                    ? 0
                    : spec.getOrdinals().getStart();
            int replicas = spec == null || spec.getReplicas() == null ? 1 : spec.getReplicas();
            return new Owner(first, replicas, meta.getDeletionTimestamp() != null, Map.copyOf(wishes));
        }

        boolean makes(int ordinal) {
            return !deleting && ordinal >= first && ordinal < first + replicas;
        }
    }

    public StatefulSetWatch(KubernetesClient client) {
        this.client = client;
        informer = client.apps()
                .statefulSets()
                .inAnyNamespace()
                .withLimit(PodWatch.PAGE)
                .runnableInformer(0);
        informer.itemStore(new NamesOnly<>(
                meta -> new StatefulSetBuilder().withMetadata(meta).build()));
        informer.exceptionHandler((started, failure) -> true);
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(StatefulSet set) {
                put(set);
            }

            @Override
            public void onUpdate(StatefulSet before, StatefulSet set) {
                put(set);
            }

            @Override
            public void onDelete(StatefulSet set, boolean finalStateUnknown) {
                PodRef name = name(set);
                owners.remove(name);
                listener.accept(name);
            }
        });
    }

    /** @param listener told of each StatefulSet that was seen or is gone */
    void listen(Consumer<PodRef> listener) {
        this.listener = listener;
    }

    public void start(Runnable whenListed) {
        informer.start().thenRun(whenListed);
    }

    boolean synced() {
        return informer.hasSynced();
    }

    @Override
    public void close() {
        informer.stop();
    }

    private void put(StatefulSet set) {
        PodRef name = name(set);
        Owner owner = Owner.of(set);
        if (!owner.equals(owners.put(name, owner))) {
            listener.accept(name);
        }
    }

    private static PodRef name(StatefulSet set) {
        return new PodRef(set.getMetadata().getNamespace(), set.getMetadata().getName());
    }

    /** What the StatefulSet asks for its pods. Looked up where its pod was seen before it. */
    Map<String, String> wishes(PodRef set) {
        Owner known = owners.get(set);
        if (known == null) {
            known = look(set).orElse(null);
            if (known != null) {
                owners.putIfAbsent(set, known); // not newer than what the watch has said meanwhile
            }
        }
        return known == null ? Map.of() : known.wishes();
    }

    /** True when the StatefulSet asks for fixed addresses, by what was last seen. */
    public boolean bindable(PodRef set) {
        Owner known = owners.get(set);
        return known != null && "true".equals(known.wishes().get(FixedWish.ANNOTATION));
    }

    private Optional<Owner> look(PodRef set) {
        try {
            return Optional.ofNullable(client.apps()
                            .statefulSets()
                            .inNamespace(set.namespace())
                            .withName(set.name())
                            .get())
                    .map(Owner::of);
        } catch (KubernetesClientException e) {
            LOG.debugf("StatefulSet %s is not known: %s", set, e.getMessage());
            return Optional.empty();
        }
    }

    /** True when a StatefulSet will make the pod again, by what was last seen. */
    boolean makes(PodRef pod) {
        return ordinal(pod).isPresent()
                && Optional.ofNullable(owners.get(set(pod)))
                        .filter(owner -> owner.makes(ordinal(pod).get()))
                        .isPresent();
    }

    /** The same by a fresh look; an API server that does not answer means yes. */
    boolean makesNow(PodRef pod) {
        if (ordinal(pod).isEmpty()) {
            return false;
        }
        PodRef set = set(pod);
        StatefulSet found = client.apps()
                .statefulSets()
                .inNamespace(set.namespace())
                .withName(set.name())
                .get();
        return found != null && Owner.of(found).makes(ordinal(pod).get());
    }

    /** Pods of a StatefulSet are named after it: NAME-ORDINAL. */
    private static Optional<Integer> ordinal(PodRef pod) {
        String tail = pod.name().substring(pod.name().lastIndexOf('-') + 1);
        return pod.name().lastIndexOf('-') > 0 && tail.matches("[0-9]{1,9}")
                ? Optional.of(Integer.parseInt(tail))
                : Optional.empty();
    }

    static PodRef set(PodRef pod) {
        return new PodRef(pod.namespace(), pod.name().substring(0, pod.name().lastIndexOf('-')));
    }
}
