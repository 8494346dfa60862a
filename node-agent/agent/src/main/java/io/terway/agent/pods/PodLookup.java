package io.terway.agent.pods;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.node.ledger.PodLife;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Finds out what pod an ADD is for. A pod nobody can tell us about is never treated as an ordinary one. */
public final class PodLookup {

    private final PodCache cache;
    private final Supplier<KubernetesClient> kubernetes;

    /** @param kubernetes makes the client at first use */
    public PodLookup(PodCache cache, Supplier<KubernetesClient> kubernetes) {
        this.cache = cache;
        this.kubernetes = kubernetes;
    }

    /**
     * The pod, from the cache or by one GET.
     *
     * @throws CniFailure code 11 when the pod is unknown and the API server cannot be asked, or has another life of it
     */
    public KnownPod find(PodLife life) {
        return cache.find(life).orElseGet(() -> get(life));
    }

    private KnownPod get(PodLife life) {
        Pod pod;
        try {
            pod = kubernetes
                    .get()
                    .pods()
                    .inNamespace(life.ref().namespace())
                    .withName(life.ref().name())
                    .get();
        } catch (KubernetesClientException e) {
            throw new CniFailure(
                    CniCode.TRY_LATER,
                    "pod " + life + " is not known to this node yet and the API server cannot be asked: "
                            + (e.getCause() == null
                                    ? e.getMessage()
                                    : e.getCause().getMessage()));
        }
        if (pod == null) {
            throw new CniFailure(CniCode.TRY_LATER, "pod " + life + " does not exist in the API server");
        }
        String uid = pod.getMetadata().getUid();
        if (!life.uid().isEmpty() && !life.uid().equals(uid)) {
            throw new CniFailure(CniCode.TRY_LATER, "pod " + life + " was replaced: the API server has UID " + uid);
        }
        KnownPod known = new KnownPod(new PodLife(life.ref(), uid), ours(pod.getMetadata()));
        cache.add(known);
        return known;
    }

    private static Map<String, String> ours(ObjectMeta meta) {
        Map<String, String> annotations = meta.getAnnotations();
        Map<String, String> ours = new HashMap<>();
        if (annotations != null) {
            annotations.forEach((key, value) -> {
                if (key.startsWith("k8s.aliyun.com/")
                        || key.startsWith("network.terway.io/")
                        || key.startsWith("kubernetes.io/")) {
                    ours.put(key, value);
                }
            });
        }
        if (!isOfStatefulSet(meta)) {
            ours.remove(KnownPod.FIXED, "true"); // only a name that comes back can keep an address
        }
        return ours;
    }

    private static boolean isOfStatefulSet(ObjectMeta meta) {
        return meta.getOwnerReferences() != null
                && meta.getOwnerReferences().stream()
                        .anyMatch(owner ->
                                owner.getKind().equals("StatefulSet") && Boolean.TRUE.equals(owner.getController()));
    }
}
