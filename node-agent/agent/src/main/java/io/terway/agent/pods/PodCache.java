package io.terway.agent.pods;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import io.terway.node.priority.NetworkPriority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The node's pods, by name, with a copy on disk so that a restarted agent knows them while everything else is down. Any
 * thread.
 */
public final class PodCache {

    private static final Logger LOG = Logger.getLogger(PodCache.class);

    /** Kubernetes supports 110 pods per node, some run 500; beyond this the oldest knowledge is not extended. */
    static final int LIMIT = 4096;

    private static final TypeReference<List<Map<String, String>>> FORM = new TypeReference<>() {};

    private final ReentrantLock lock = new ReentrantLock();
    private final Path file;
    private final ObjectMapper json = new ObjectMapper();
    private final Map<PodRef, KnownPod> pods = new HashMap<>(); // guarded by lock
    private boolean complete; // guarded by lock
    private volatile long version; // written under lock

    private PodCache(Path file) {
        this.file = file;
    }

    /** Reads the copy back; an unreadable one is as good as none. */
    public static PodCache open(Path file) {
        PodCache cache = new PodCache(file);
        cache.load();
        return cache;
    }

    /** As long as it is the same, no pod has changed. */
    public long version() {
        return version;
    }

    /** The pod, if this very life of it is known. An empty UID takes the one that is known. */
    public Optional<KnownPod> find(PodLife life) {
        lock.lock();
        try {
            return Optional.ofNullable(pods.get(life.ref()))
                    .filter(p -> life.uid().isEmpty() || p.life().uid().equals(life.uid()));
        } finally {
            lock.unlock();
        }
    }

    /** The pod whose name is like this; of two the first. */
    public Optional<KnownPod> first(Predicate<PodRef> name) {
        lock.lock();
        try {
            return pods.values().stream()
                    .filter(pod -> name.test(pod.life().ref()))
                    .findFirst();
        } finally {
            lock.unlock();
        }
    }

    /** What a pod may receive and send; an unknown one is not limited. */
    public Bandwidth bandwidth(PodRef pod) {
        return find(new PodLife(pod, "")).map(KnownPod::bandwidth).orElse(Bandwidth.UNLIMITED);
    }

    /** Whose packets go first; an unknown pod is as one that says nothing. */
    public NetworkPriority networkPriority(PodRef pod) {
        return find(new PodLife(pod, "")).map(KnownPod::networkPriority).orElse(NetworkPriority.BURSTABLE);
    }

    /** True when a full list was received in this life of the agent and this pod's life is not in it. */
    public boolean isSurelyGone(PodLife life) {
        lock.lock();
        try {
            return complete && find(life).isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a push.
     *
     * @param full true when nothing else is on the node
     * @param goneUids lives that ended
     */
    public void update(boolean full, Collection<KnownPod> changed, Collection<String> goneUids) {
        lock.lock();
        try {
            if (full) {
                pods.clear();
                complete = true;
            }
            pods.values().removeIf(p -> goneUids.contains(p.life().uid()));
            changed.forEach(this::put);
            version++;
            store();
        } finally {
            lock.unlock();
        }
    }

    /** Remembers a pod that was looked up. */
    public void add(KnownPod pod) {
        update(false, List.of(pod), List.of());
    }

    private void put(KnownPod pod) {
        if (pods.size() < LIMIT || pods.containsKey(pod.life().ref())) {
            pods.put(pod.life().ref(), pod);
        }
    }

    private void load() {
        if (!Files.exists(file)) {
            return;
        }
        try {
            for (Map<String, String> form : json.readValue(Files.readAllBytes(file), FORM)) {
                Map<String, String> annotations = new HashMap<>(form);
                PodRef ref = new PodRef(annotations.remove("namespace"), annotations.remove("name"));
                put(new KnownPod(new PodLife(ref, annotations.remove("uid")), annotations));
            }
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            LOG.warnf("pod cache %s is unreadable, pods are looked up instead: %s", file, e.getMessage());
            pods.clear();
        }
    }

    /** Annotation keys hold a '/', so they cannot meet the three names beside them. */
    private void store() {
        List<Map<String, String>> forms = pods.values().stream()
                .map(p -> {
                    Map<String, String> form = new HashMap<>(p.annotations());
                    form.put("namespace", p.life().ref().namespace());
                    form.put("name", p.life().ref().name());
                    form.put("uid", p.life().uid());
                    return form;
                })
                .collect(Collectors.toList());
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(next, json.writeValueAsBytes(forms));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf("pod cache %s cannot be written: %s", file, e.getMessage());
            next.toFile().delete(); // on a full disk the half of it is of no use
        }
    }
}
