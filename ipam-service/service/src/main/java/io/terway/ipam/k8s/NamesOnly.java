package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What an informer must remember of its objects: which there are, and in which version. 100,000 pods and 5,000 nodes with
 * their images do not fit into a small heap; what we need of them our own records keep. Of an object that is not ours even less
 * is kept, its name: a shard hears of all pods of the cluster.
 *
 * <p>Any thread.
 */
final class NamesOnly<T extends HasMetadata> implements ItemStore<T> {

    private final Map<String, Bones> objects = new ConcurrentHashMap<>();
    private final Function<ObjectMeta, T> make;
    private final Predicate<T> ours;

    /** The strings are those of the object that arrived, so they are shared with whoever else keeps them. */
    private record Bones(String namespace, String name, String uid, String version) {

        /** The key says all. */
        static final Bones OF_OTHERS = new Bones(null, null, null, null);
    }

    /** @param make an object with this metadata and nothing else */
    NamesOnly(Function<ObjectMeta, T> make) {
        this(make, _ -> true);
    }

    /** @param ours false: nobody will ask for the UID of the object */
    NamesOnly(Function<ObjectMeta, T> make, Predicate<T> ours) {
        this.make = make;
        this.ours = ours;
    }

    @Override
    public String getKey(T object) {
        ObjectMeta meta = object.getMetadata();
        return meta.getNamespace() == null ? meta.getName() : meta.getNamespace() + "/" + meta.getName();
    }

    @Override
    public T put(String key, T object) {
        ObjectMeta meta = object.getMetadata();
        Bones bones = ours.test(object)
                ? new Bones(meta.getNamespace(), meta.getName(), meta.getUid(), meta.getResourceVersion())
                : Bones.OF_OTHERS;
        return dressed(key, objects.put(key, bones));
    }

    @Override
    public T remove(String key) {
        return dressed(key, objects.remove(key));
    }

    @Override
    public Stream<String> keySet() {
        return objects.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return objects.entrySet().stream().map(entry -> dressed(entry.getKey(), entry.getValue()));
    }

    @Override
    public int size() {
        return objects.size();
    }

    @Override
    public T get(String key) {
        return dressed(key, objects.get(key));
    }

    @Override
    public boolean isFullState() {
        return false;
    }

    private T dressed(String key, Bones bones) {
        if (bones == Bones.OF_OTHERS) {
            int slash = key.indexOf('/');
            return make.apply(new ObjectMetaBuilder()
                    .withNamespace(slash < 0 ? null : key.substring(0, slash))
                    .withName(key.substring(slash + 1))
                    .build());
        }
        return bones == null
                ? null
                : make.apply(new ObjectMetaBuilder()
                        .withNamespace(bones.namespace)
                        .withName(bones.name)
                        .withUid(bones.uid)
                        .withResourceVersion(bones.version)
                        .build());
    }
}
