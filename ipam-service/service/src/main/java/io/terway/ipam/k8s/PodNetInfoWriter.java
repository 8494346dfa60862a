package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.ipam.FixedCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.net.PodRef;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/** Writes PodNetInfos: a first binding at once, because a pod waits for it; who has an address now a little later. */
public final class PodNetInfoWriter implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PodNetInfoWriter.class);
    private static final int CALLS = 20;
    private static final Duration PACE = Duration.ofMillis(50);
    private static final Duration REST = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final Semaphore calls = new Semaphore(CALLS);
    private final LinkedHashMap<PodRef, Wish> wishes = new LinkedHashMap<>(); // guarded by this
    private final ApiClock clock;
    private final Thread writer;

    /** What a pod's PodNetInfo is to show; all that was said, the newest of each. */
    private record Wish(
            Optional<FixedCommand.Show> show,
            Optional<FixedCommand.Count> count,
            Optional<FixedCommand.Ask> ask,
            Optional<Handing> handing) {

        private static final Wish NONE =
                new Wish(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        static Wish of(FixedCommand.Show show) {
            return new Wish(Optional.of(show), NONE.count, NONE.ask, NONE.handing);
        }

        static Wish of(FixedCommand.Count count) {
            return new Wish(NONE.show, Optional.of(count), NONE.ask, NONE.handing);
        }

        static Wish of(FixedCommand.Ask ask) {
            return new Wish(NONE.show, NONE.count, Optional.of(ask), NONE.handing);
        }

        static Wish of(Handing handing) {
            return new Wish(NONE.show, NONE.count, NONE.ask, Optional.of(handing));
        }

        Wish then(Wish newer) {
            return new Wish(
                    newer.show.or(() -> show),
                    newer.count.or(() -> count),
                    newer.ask.or(() -> ask),
                    newer.handing.or(() -> handing));
        }
    }

    /** @param loop told how it went */
    private record Handing(LoopThread loop, FixedCommand.HandOver handOver) {}

    public PodNetInfoWriter(KubernetesClient client, ApiClock clock) {
        this.client = client;
        this.clock = clock;
        writer = Thread.ofVirtual().name("pod-net-info-writer").start(this::showAll);
    }

    /** Creates it, unless there is one: whoever was first counts. The answer comes as an event of the same term. */
    public void write(LoopThread loop, FixedCommand.Write write) {
        PodRef pod = write.wanted().pod();
        Thread.ofVirtual().name("pod-net-info-" + pod).start(() -> {
            IpamEvent answer = new IpamEvent.PodNetInfoFailed(pod, "writing PodNetInfo " + pod + " was interrupted");
            try {
                calls.acquire();
                try {
                    answer = PodNetInfo.seen(stored(write));
                } finally {
                    calls.release();
                }
            } catch (KubernetesClientException | IllegalArgumentException e) {
                LOG.warnf("PodNetInfo %s was not written: %s", pod, e.getMessage());
                answer = new IpamEvent.PodNetInfoFailed(pod, "PodNetInfo " + pod + " was not written: " + why(e));
            } catch (InterruptedException e) {
                LOG.debugf("PodNetInfo %s was not written: stopped", pod);
            } finally {
                loop.put(answer);
            }
        });
    }

    private GenericKubernetesResource stored(FixedCommand.Write write) {
        try {
            return client.genericKubernetesResources(PodNetInfo.KIND)
                    .inNamespace(write.wanted().pod().namespace())
                    .resource(PodNetInfo.object(write.wanted()))
                    .create();
        } catch (KubernetesClientException e) {
            GenericKubernetesResource first = e.getCode() == HttpURLConnection.HTTP_CONFLICT
                    ? resource(write.wanted().pod()).get()
                    : null;
            if (first == null) {
                throw e;
            }
            return first;
        }
    }

    private static String why(RuntimeException e) {
        boolean noKind =
                e instanceof KubernetesClientException failure && failure.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
        return noKind ? "the custom resources of k8s/crds are not installed" : e.getMessage();
    }

    private Resource<GenericKubernetesResource> resource(PodRef pod) {
        return client.genericKubernetesResources(PodNetInfo.KIND)
                .inNamespace(pod.namespace())
                .withName(pod.name());
    }

    /** Where an address is and who has it; the newest of a pod is written. */
    public void show(FixedCommand.Show show) {
        wish(show.address().pod(), Wish.of(show));
    }

    /** For how long nobody has wanted a pod. */
    public void count(FixedCommand.Count count) {
        wish(count.address().pod(), Wish.of(count));
    }

    /** A pod of ours waits for an address that another shard looks after. */
    public void ask(FixedCommand.Ask ask) {
        wish(ask.address().pod(), Wish.of(ask));
    }

    /**
     * Gives an address to another shard, after what was said of it before: nothing of ours is written later that could take it
     * back. The answer comes as an event of the same term.
     */
    public void handOver(LoopThread loop, FixedCommand.HandOver handOver) {
        wish(handOver.address().pod(), Wish.of(new Handing(loop, handOver)));
    }

    private synchronized void wish(PodRef pod, Wish wish) {
        wishes.merge(pod, wish, Wish::then);
        notifyAll();
    }

    private synchronized Map.Entry<PodRef, Wish> take() throws InterruptedException {
        while (wishes.isEmpty()) {
            wait();
        }
        return wishes.pollFirstEntry();
    }

    private synchronized void again(PodRef pod, Wish wish) {
        wishes.merge(pod, wish, (newer, older) -> older.then(newer));
    }

    private void showAll() {
        try {
            while (true) {
                Map.Entry<PodRef, Wish> next = take();
                Thread.sleep(shown(next.getKey(), next.getValue()) ? PACE : REST);
            }
        } catch (InterruptedException e) {
            LOG.debug("PodNetInfo writer stopped");
        }
    }

    private boolean shown(PodRef pod, Wish wish) {
        try {
            var resource = resource(pod);
            Instant now = clock.now();
            Map<String, Object> status = new LinkedHashMap<>();
            if (wish.show().isPresent()) {
                resource.patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Map.of(
                                "spec", PodNetInfo.place(wish.show().get().address()))));
                status.putAll(PodNetInfo.status(wish.show().get(), now));
            }
            wish.count().ifPresent(count -> status.putAll(PodNetInfo.status(count, now)));
            wish.ask().ifPresent(ask -> status.putAll(PodNetInfo.status(ask)));
            if (!status.isEmpty()) {
                resource.subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("status", status)));
            }
            wish.handing().ifPresent(handing -> handing.loop().put(handedOver(handing.handOver())));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return true; // freed by a person
            }
            LOG.warnf("PodNetInfo %s was not brought up to date: %s", pod, e.getMessage());
            again(pod, wish);
            return false;
        }
    }

    private IpamEvent handedOver(FixedCommand.HandOver handOver) {
        PodRef pod = handOver.address().pod();
        try {
            GenericKubernetesResource object = resource(pod).get();
            if (object == null) {
                return new IpamEvent.PodNetInfoFailed(pod, "PodNetInfo " + pod + " is gone");
            }
            if (PodNetInfo.handOver(object, handOver)) {
                object = client.genericKubernetesResources(PodNetInfo.KIND)
                        .inNamespace(pod.namespace())
                        .resource(object)
                        .lockResourceVersion()
                        .updateStatus();
            }
            return PodNetInfo.seen(object);
        } catch (KubernetesClientException | IllegalArgumentException e) {
            LOG.infof("PodNetInfo %s was not handed to another shard: %s", pod, e.getMessage());
            return new IpamEvent.PodNetInfoFailed(pod, "PodNetInfo " + pod + " was not written: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}
