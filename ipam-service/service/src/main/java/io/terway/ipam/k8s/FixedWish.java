package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.terway.ipam.Retention;
import io.terway.net.PodRef;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Only a pod that comes back under its name can keep an address under it: of a StatefulSet, or of a kind that does the same. */
final class FixedWish {

    static final String ANNOTATION = "k8s.aliyun.com/pod-bindable";

    static final String UNFIT = "annotation " + ANNOTATION
            + " is for pods whose name outlives them, of a StatefulSet or of a kind of eni_conf.custom_stateful_workload_kinds;"
            + " this pod gets an ordinary address";

    private FixedWish() {}

    /**
     * Takes the wish out where it cannot be met; true when it did.
     *
     * @param kinds that count like a StatefulSet
     */
    static boolean dropUnfit(Map<String, String> annotations, ObjectMeta meta, Set<String> kinds) {
        return "true".equals(annotations.get(ANNOTATION))
                && ownerOf(meta).isEmpty()
                && controller(meta)
                        .filter(owner -> kinds.contains(owner.getKind()))
                        .isEmpty()
                && annotations.remove(ANNOTATION) != null;
    }

    /** What a workload's own annotations ask for its pods. */
    static Map<String, String> of(ObjectMeta workload) {
        Map<String, String> wishes = new TreeMap<>();
        if (workload.getAnnotations() != null) {
            for (String key : new String[] {ANNOTATION, Retention.ANNOTATION}) {
                Optional.ofNullable(workload.getAnnotations().get(key)).ifPresent(value -> wishes.put(key, value));
            }
        }
        return Map.copyOf(wishes);
    }

    /** The StatefulSet that makes this pod. */
    static Optional<PodRef> ownerOf(ObjectMeta meta) {
        return controller(meta)
                .filter(owner -> owner.getKind().equals("StatefulSet"))
                .map(owner -> new PodRef(meta.getNamespace(), owner.getName()));
    }

    /** Whatever makes this pod. */
    static Optional<OwnerReference> controller(ObjectMeta meta) {
        return meta.getOwnerReferences() == null
                ? Optional.empty()
                : meta.getOwnerReferences().stream()
                        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                        .findFirst();
    }
}
