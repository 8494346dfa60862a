package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.link.PatientWatch;
import io.terway.net.PodRef;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Follows all StatefulSets: what they ask for their pods, and which pods they will make again. */
public final class StatefulSetWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(StatefulSetWatch.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Names that pods have and no StatefulSet has; the oldest is forgotten. */
    static final int MOST_MISSING = 10_000;

    private final KubernetesClient client;
    private final SharedIndexInformer<StatefulSet> informer;
    private final Map<PodRef, Owner> owners = new ConcurrentHashMap<>();
    /** Named by pods, and the API server has none of that name. */
    private final Set<PodRef> missing = new LinkedHashSet<>(); // guarded by itself

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
            var spec = set.getSpec();
            int first = spec == null
                            || spec.getOrdinals() == null
                            || spec.getOrdinals().getStart() == null
                    ? 0
                    : spec.getOrdinals().getStart();
            int replicas = spec == null || spec.getReplicas() == null ? 1 : spec.getReplicas();
            return new Owner(first, replicas, meta.getDeletionTimestamp() != null, FixedWish.of(meta));
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
        informer.exceptionHandler(new PatientWatch("StatefulSets"));
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

    /** Waits for the first list, not for ever: pods that are listed after it find their StatefulSet here. */
    public void start(Runnable whenListed) {
        var listed = new CountDownLatch(1);
        informer.start().thenRun(() -> {
            listed.countDown();
            whenListed.run();
        });
        try {
            boolean soon = listed.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            LOG.debugf("StatefulSets were listed: %s", soon);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        synchronized (missing) {
            missing.remove(name);
        }
        if (!owner.equals(owners.put(name, owner))) {
            listener.accept(name);
        }
    }

    private static PodRef name(StatefulSet set) {
        return new PodRef(set.getMetadata().getNamespace(), set.getMetadata().getName());
    }

    /** What the StatefulSet asks for its pods. Where its pod was seen before it, it is looked up, once. */
    Map<String, String> wishes(PodRef set) {
        Owner known = owners.get(set);
        return known != null ? known.wishes() : look(set).map(Owner::wishes).orElse(Map.of());
    }

    /** True when the StatefulSet asks for fixed addresses, by what was last seen. */
    public boolean bindable(PodRef set) {
        Owner known = owners.get(set);
        return known != null && "true".equals(known.wishes().get(FixedWish.ANNOTATION));
    }

    private Optional<Owner> look(PodRef set) {
        synchronized (missing) {
            if (missing.contains(set)) {
                return Optional.empty();
            }
        }
        try {
            StatefulSet found = client.apps()
                    .statefulSets()
                    .inNamespace(set.namespace())
                    .withName(set.name())
                    .get();
            if (found == null) {
                isMissing(set);
                return Optional.empty();
            }
            owners.putIfAbsent(set, Owner.of(found)); // not newer than what the watch has said meanwhile
            return Optional.ofNullable(owners.get(set)); // deleted meanwhile: absent
        } catch (KubernetesClientException e) {
            LOG.debugf("StatefulSet %s is not known: %s", set, e.getMessage());
            return Optional.empty();
        }
    }

    private void isMissing(PodRef set) {
        synchronized (missing) {
            missing.add(set);
            if (missing.size() > MOST_MISSING) {
                missing.remove(missing.iterator().next());
            }
        }
    }

    /** True when a StatefulSet will make the pod again, by what was last seen. */
    boolean makes(PodRef pod) {
        return ordinal(pod).isPresent()
                && set(pod).map(owners::get)
                        .filter(owner -> owner.makes(ordinal(pod).get()))
                        .isPresent();
    }

    /** The same by a fresh look; an API server that does not answer means yes. */
    boolean makesNow(PodRef pod) {
        if (ordinal(pod).isEmpty()) {
            return false;
        }
        PodRef set = set(pod).orElseThrow();
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

    /** The StatefulSet that a pod of this name would be of. */
    static Optional<PodRef> set(PodRef pod) {
        int dash = pod.name().lastIndexOf('-');
        return dash > 0 ? Optional.of(new PodRef(pod.namespace(), pod.name().substring(0, dash))) : Optional.empty();
    }
}
