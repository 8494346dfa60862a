package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.link.PatientWatch;
import io.terway.net.EniId;
import io.terway.net.PodRef;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Follows all PodNetInfos. A term that began without them could give a reserved address away, so they are heard first. */
public final class PodNetInfoWatch implements Terms.Follower, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PodNetInfoWatch.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long PAGE = 500;

    private final Terms terms;
    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final NamesOnly<GenericKubernetesResource> names = new NamesOnly<>(PodNetInfoWatch::bones);
    private final Map<PodRef, IpamEvent.PodNetInfoSeen> known = new HashMap<>(); // guarded by this
    private final Set<PodRef> unreadable = new HashSet<>(); // guarded by this
    /** The ENI that each names, whatever else it says. */
    private final Map<PodRef, String> named = new HashMap<>(); // guarded by this

    /** Pods that have one, by the StatefulSet that their names say. */
    private final Map<PodRef, Set<PodRef>> bySet = new HashMap<>(); // guarded by this

    private boolean absent; // guarded by this
    private boolean listed; // guarded by this
    /** Stays: later objects are in the store a moment before they are told. */
    private boolean complete; // guarded by this

    private volatile Consumer<PodRef> listener = _ -> {};

    public PodNetInfoWatch(KubernetesClient client, Terms terms) {
        this.terms = terms;
        informer = client.genericKubernetesResources(PodNetInfo.KIND)
                .inAnyNamespace()
                .withLimit(PAGE)
                .runnableInformer(0);
        informer.itemStore(names);
        informer.exceptionHandler(new PatientWatch("PodNetInfos, which hold fixed addresses", this::failed));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(GenericKubernetesResource object) {
                put(object);
                listener.accept(PodNetInfo.pod(object));
            }

            @Override
            public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
                put(object);
            }

            @Override
            public void onDelete(GenericKubernetesResource object, boolean finalStateUnknown) {
                remove(object);
                listener.accept(PodNetInfo.pod(object));
            }
        });
    }

    /** @param listener told of each pod whose PodNetInfo is new or gone */
    void listen(Consumer<PodRef> listener) {
        this.listener = listener;
    }

    /** Pods that have a readable PodNetInfo. */
    synchronized List<PodRef> pods() {
        return List.copyOf(known.keySet());
    }

    /** Those of them that a StatefulSet of this name would make. */
    synchronized List<PodRef> podsOf(PodRef set) {
        return List.copyOf(bySet.getOrDefault(set, Set.of()));
    }

    private static GenericKubernetesResource bones(ObjectMeta meta) {
        var bones = new GenericKubernetesResource();
        bones.setMetadata(meta);
        return bones;
    }

    synchronized boolean has(PodRef pod) {
        return known.containsKey(pod);
    }

    /** The zone in which a pod has its fixed address. */
    public synchronized Optional<ZoneId> zone(PodRef pod) {
        return Optional.ofNullable(known.get(pod)).map(seen -> seen.address().zone());
    }

    /** Waits for the first list, not for ever. */
    public synchronized void start(Runnable whenListed) {
        informer.start().thenRun(() -> {
            wake();
            whenListed.run();
        });
        long until = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (long left = PATIENCE.toNanos(); left > 0 && !synced(); left = until - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(
                        this, Math.min(left, Duration.ofMillis(200).toNanos()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** True once the whole first list was told; also where the cluster does not have the kind, and so none of them. */
    public synchronized boolean synced() {
        complete = complete || absent || informer.hasSynced() && known.size() + unreadable.size() >= names.size();
        return complete;
    }

    private synchronized void wake() {
        tellListed();
        notifyAll();
    }

    private void tellListed() {
        if (!listed && synced()) {
            listed = true;
            terms.tell(new IpamEvent.PodNetInfosListed(true));
        }
    }

    private synchronized void failed(Throwable failure) {
        if (PatientWatch.isAbsentKind(failure) && !absent) {
            absent = true;
            tellListed();
        }
        notifyAll();
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        known.values().forEach(loop::put);
        listed = synced();
        loop.put(new IpamEvent.PodNetInfosListed(listed));
    }

    @Override
    public void ends(LoopThread loop) {}

    @Override
    public void close() {
        informer.stop();
    }

    /**
     * Those that no PodNetInfo names. None while not all are known, or the cluster does not even have the kind: its objects may
     * be put back.
     */
    public synchronized List<EniId> unnamed(List<EniId> enis) {
        if (absent || !synced()) {
            return List.of();
        }
        Set<String> all = Set.copyOf(named.values());
        return enis.stream().filter(eni -> !all.contains(eni.value())).toList();
    }

    private synchronized void put(GenericKubernetesResource object) {
        named.put(PodNetInfo.pod(object), PodNetInfo.eni(object));
        try {
            IpamEvent.PodNetInfoSeen seen = PodNetInfo.seen(object);
            unreadable.remove(seen.address().pod());
            StatefulSetWatch.set(seen.address().pod())
                    .ifPresent(set -> bySet.computeIfAbsent(set, _ -> new HashSet<>())
                            .add(seen.address().pod()));
            if (!seen.equals(known.put(seen.address().pod(), seen))) {
                terms.tell(seen);
            }
        } catch (IllegalArgumentException e) {
            unreadable.add(PodNetInfo.pod(object));
            LOG.warnf("%s; its pod gets no address until this is put right", e.getMessage());
        }
        tellListed();
        notifyAll();
    }

    private synchronized void remove(GenericKubernetesResource object) {
        PodRef pod = PodNetInfo.pod(object);
        known.remove(pod);
        StatefulSetWatch.set(pod)
                .ifPresent(set ->
                        bySet.computeIfPresent(set, (_, pods) -> pods.remove(pod) && pods.isEmpty() ? null : pods));
        unreadable.remove(pod);
        named.remove(pod);
        terms.tell(new IpamEvent.PodNetInfoGone(pod, PodNetInfo.uid(object)));
    }
}
