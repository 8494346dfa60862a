package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.link.PatientWatch;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Follows the objects that policy is made of and hands each to {@link ObjectIntake}; nothing of them is kept here.
 * Custom resources may be absent, and may come later.
 */
public final class PolicyWatch implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PolicyWatch.class);

    /** Objects per page of the first list. */
    private static final long PAGE = 500;

    /** How often an API server without a custom resource is asked for it again. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(15);

    private static final Duration ASK_AGAIN_AFTER_FAILURE = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final ObjectIntake intake;
    private final Map<Watched, SharedIndexInformer<GenericKubernetesResource>> informers = new ConcurrentHashMap<>();
    private final Set<Watched> absent = ConcurrentHashMap.newKeySet();
    private final Thread asker;

    /** Starts the watches; returns before they have synced. */
    public PolicyWatch(KubernetesClient client, ObjectIntake intake) {
        this.client = client;
        this.intake = intake;
        for (Watched watched : Watched.values()) {
            if (!watched.optional()) {
                follow(watched);
            }
        }
        asker = Thread.ofVirtual().name("policy-custom-resources").start(this::ask);
    }

    /** True once every watch has its first full list, and it is known which custom resources there are. */
    public boolean synced() {
        for (Watched watched : Watched.values()) {
            SharedIndexInformer<GenericKubernetesResource> informer = informers.get(watched);
            if (informer == null ? !absent.contains(watched) : !informer.hasSynced()) {
                return false;
            }
        }
        return true;
    }

    /** False when some kind is followed, or looked for, no more. */
    public boolean isAlive() {
        boolean looking = informers.size() == Watched.values().length || asker.isAlive();
        return looking
                && informers.values().stream()
                        .noneMatch(informer ->
                                informer.stopped().toCompletableFuture().isDone());
    }

    /** Which custom resources the cluster lacks, for people. */
    public Map<String, Boolean> present() {
        Map<Watched, Boolean> out = new EnumMap<>(Watched.class);
        EnumSet.allOf(Watched.class).forEach(watched -> out.put(watched, informers.containsKey(watched)));
        Map<String, Boolean> named = new java.util.TreeMap<>();
        out.forEach((watched, there) -> named.put(watched.kind(), there));
        return named;
    }

    @Override
    public void close() {
        asker.interrupt();
        informers.values().forEach(SharedIndexInformer::stop);
    }

    private void ask() {
        Set<Watched> open = EnumSet.noneOf(Watched.class);
        EnumSet.allOf(Watched.class).stream().filter(Watched::optional).forEach(open::add);
        try {
            while (!open.isEmpty()) {
                boolean answered = true;
                for (Watched watched : Set.copyOf(open)) {
                    try {
                        if (client.supports(watched.apiVersion(), watched.kind())) {
                            follow(watched);
                            open.remove(watched);
                            absent.remove(watched);
                        } else if (absent.add(watched)) {
                            LOG.infof("the cluster has no %s; it is looked for again", watched.kind());
                            intake.wake();
                        }
                    } catch (KubernetesClientException e) {
                        answered = false;
                        LOG.debugf("cannot ask for %s: %s", watched.kind(), e.getMessage());
                    }
                }
                Thread.sleep(answered ? ASK_AGAIN : ASK_AGAIN_AFTER_FAILURE);
            }
        } catch (InterruptedException e) {
            LOG.debug("asking for custom resources stopped");
        }
    }

    private void follow(Watched watched) {
        SharedIndexInformer<GenericKubernetesResource> informer = client.genericKubernetesResources(watched.context())
                .inAnyNamespace()
                .withLimit(PAGE)
                .runnableInformer(0);
        informer.itemStore(new SlimStore());
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(GenericKubernetesResource object) {
                intake.put(watched, object);
            }

            @Override
            public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
                intake.put(watched, object);
            }

            @Override
            public void onDelete(GenericKubernetesResource object, boolean finalStateUnknown) {
                intake.remove(watched, object);
            }
        });
        // Also the first list is tried again: a service may start before the API server answers.
        informer.exceptionHandler(new PatientWatch(watched.kind() + " objects"));
        informer.start().thenRun(intake::wake);
        informers.put(watched, informer);
    }
}
