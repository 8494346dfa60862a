package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What an informer must remember of its objects: which there are, and in which version. 100,000 pods and 5,000 nodes with
 * their images do not fit into a small heap; what we need of them our own records keep.
 *
 * <p>Any thread.
 */
final class NamesOnly<T extends HasMetadata> implements ItemStore<T> {

    private final Map<String, Bones> objects = new ConcurrentHashMap<>();
    private final Function<ObjectMeta, T> make;

    /** The strings are those of the object that arrived, so they are shared with whoever else keeps them. */
    private record Bones(String namespace, String name, String uid, String version) {}

    /** @param make an object with this metadata and nothing else */
    NamesOnly(Function<ObjectMeta, T> make) {
        this.make = make;
    }

    @Override
    public String getKey(T object) {
        ObjectMeta meta = object.getMetadata();
        return meta.getNamespace() == null ? meta.getName() : meta.getNamespace() + "/" + meta.getName();
    }

    @Override
    public T put(String key, T object) {
        ObjectMeta meta = object.getMetadata();
        return dressed(objects.put(
                key, new Bones(meta.getNamespace(), meta.getName(), meta.getUid(), meta.getResourceVersion())));
    }

    @Override
    public T remove(String key) {
        return dressed(objects.remove(key));
    }

    @Override
    public Stream<String> keySet() {
        return objects.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return objects.values().stream().map(this::dressed);
    }

    @Override
    public int size() {
        return objects.size();
    }

    @Override
    public T get(String key) {
        return dressed(objects.get(key));
    }

    @Override
    public boolean isFullState() {
        return false;
    }

    private T dressed(Bones bones) {
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
