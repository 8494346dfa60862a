package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.terway.net.PodRef;
import java.util.Map;
import java.util.Optional;

/** Only a pod of a StatefulSet comes back under its name, so only such a pod can keep an address under it. */
final class FixedWish {

    static final String ANNOTATION = "k8s.aliyun.com/pod-bindable";

    static final String UNFIT = "annotation " + ANNOTATION
            + " is for pods of a StatefulSet, whose name outlives them; this pod gets an ordinary address";

    private FixedWish() {}

    /** Takes the wish out where it cannot be met; true when it did. */
    static boolean dropUnfit(Map<String, String> annotations, ObjectMeta meta) {
        return "true".equals(annotations.get(ANNOTATION))
                && !isOfStatefulSet(meta)
                && annotations.remove(ANNOTATION) != null;
    }

    private static boolean isOfStatefulSet(ObjectMeta meta) {
        return ownerOf(meta).isPresent();
    }

    /** The StatefulSet that makes this pod. */
    static Optional<PodRef> ownerOf(ObjectMeta meta) {
        return meta.getOwnerReferences() == null
                ? Optional.empty()
                : meta.getOwnerReferences().stream()
                        .filter(owner ->
                                owner.getKind().equals("StatefulSet") && Boolean.TRUE.equals(owner.getController()))
                        .findFirst()
                        .map(owner -> new PodRef(meta.getNamespace(), owner.getName()));
    }
}
