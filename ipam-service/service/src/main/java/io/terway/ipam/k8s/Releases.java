package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.ipam.FixedAddress;
import io.terway.net.PodRef;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/**
 * Deletes PodNetInfos whose time is over by the leaders' clocks. Each is looked at once more: it must be the same object,
 * its time must be over by the API server's clock too, and nobody may want its pod.
 */
public final class Releases {

    private static final Logger LOG = Logger.getLogger(Releases.class);
    private static final int AT_A_TIME = 5;

    private final KubernetesClient client;
    private final ApiClock clock;
    private final StatefulSetWatch statefulSets;
    private final EventWriter events;
    private final Semaphore calls = new Semaphore(AT_A_TIME);

    public Releases(KubernetesClient client, ApiClock clock, StatefulSetWatch statefulSets, EventWriter events) {
        this.client = client;
        this.clock = clock;
        this.statefulSets = statefulSets;
        this.events = events;
    }

    /** Never waits. What is not released now is asked for again. */
    public void release(FixedAddress address) {
        Thread.ofVirtual().name("release-" + address.pod()).start(() -> {
            try {
                calls.acquire();
                try {
                    released(address);
                } finally {
                    calls.release();
                }
            } catch (KubernetesClientException | IllegalArgumentException e) {
                LOG.warnf("PodNetInfo %s is not released now: %s", address.pod(), e.getMessage());
            } catch (InterruptedException e) {
                LOG.debugf("PodNetInfo %s is not released: stopped", address.pod());
            }
        });
    }

    private void released(FixedAddress address) {
        PodRef pod = address.pod();
        var resource = client.genericKubernetesResources(PodNetInfo.KIND)
                .inNamespace(pod.namespace())
                .withName(pod.name());
        GenericKubernetesResource object = resource.get();
        if (object == null || !PodNetInfo.uid(object).equals(address.object())) {
            return;
        }
        Optional<String> why = whyNot(object);
        if (why.isPresent()) {
            LOG.infof("PodNetInfo %s is kept: %s", pod, why.get());
            return;
        }
        try {
            client.genericKubernetesResources(PodNetInfo.KIND)
                    .inNamespace(pod.namespace())
                    .resource(object)
                    .lockResourceVersion()
                    .delete();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return; // somebody has changed it since: looked at again
            }
            throw e;
        }
        events.podNetInfo(
                pod,
                address.object(),
                "FixedAddressReleased",
                "nobody has wanted pod " + pod + " for its retention time; fixed address " + address.addresses()
                        + " is free again");
    }

    private Optional<String> whyNot(GenericKubernetesResource object) {
        FixedAddress fresh = PodNetInfo.read(object);
        Optional<Duration> time = fresh.retention().time();
        Optional<Instant> seen = PodNetInfo.lastSeen(object);
        Optional<Instant> now = clock.ask();
        if (time.isEmpty() || seen.isEmpty() || now.isEmpty()) {
            return Optional.of("retention " + time + ", podLastSeen " + seen + ", the API server's time " + now);
        }
        Instant end = seen.get().plus(time.get());
        if (now.get().isBefore(end)) {
            return Optional.of("its time ends at " + end + ", and the API server's clock says " + now.get());
        }
        PodRef pod = fresh.pod();
        boolean exists =
                client.pods().inNamespace(pod.namespace()).withName(pod.name()).get() != null;
        return exists || statefulSets.makesNow(pod)
                ? Optional.of("its pod exists or will be made again")
                : Optional.empty();
    }
}
