package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.MockWebServer;
import io.terway.ipam.FixedAddress;
import io.terway.ipam.FixedCommand;
import io.terway.ipam.Shard;
import io.terway.ipam.leader.Terms;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods, StatefulSets and PodNetInfos of an API server, and what the loop makes of them. */
class FixedOwnersTest {

    private static final PodRef REDIS = new PodRef("db", "redis-1");

    private final KubernetesMockServer api = new KubernetesMockServer(
            new io.fabric8.mockwebserver.Context(),
            new MockWebServer(),
            new HashMap<>(),
            new KubernetesCrudDispatcher(),
            false);
    private final List<FixedCommand.Count> counts = new CopyOnWriteArrayList<>();
    private final Terms terms = new Terms((_, command) -> {
        if (command instanceof FixedCommand.Count count) {
            counts.add(count);
        }
    });
    private KubernetesClient client;
    private StatefulSetWatch statefulSets;
    private PodDirectory directory;
    private String uid;

    @BeforeEach
    void start() {
        api.init();
        client = api.createClient();
        statefulSets = new StatefulSetWatch(client);
        directory = new PodDirectory();
        var addresses = new PodNetInfoWatch(client, terms);
        var pods = new PodWatch(
                client,
                directory,
                new ExpectedPods(terms),
                new EventWriter(client, "kube-system"),
                statefulSets,
                new ShardNodes(Shard.WHOLE),
                new PodsElsewhere(terms));
        var owners = new FixedOwners(terms, addresses, pods, statefulSets);
        terms.follow(addresses);
        terms.follow(owners);
        scale(2);
        uid = pod(Map.of()).getMetadata().getUid();
        client.genericKubernetesResources(PodNetInfo.KIND)
                .inNamespace("db")
                .resource(PodNetInfo.object(new FixedAddress(
                        REDIS,
                        "",
                        List.of(Ip.parse("10.0.64.9")),
                        new VSwitchId("vsw-1"),
                        new ZoneId("cn-hangzhou-h"),
                        Optional.empty())))
                .create();
        statefulSets.start(owners::listed);
        pods.start(owners::listed);
        addresses.start(owners::listed);
        terms.elected(1);
        eventually(() -> pods.exists(REDIS) && statefulSets.makes(REDIS) && addresses.has(REDIS));
        awaitWatches(pods);
    }

    /** The model of an API server, unlike a real one, forgets what happens between a list and the watch that follows. */
    private void awaitWatches(PodWatch pods) {
        int[] replicas = {0};
        eventually(() -> {
            scale("probe", ++replicas[0]);
            return statefulSets.makes(new PodRef("db", "probe-" + (replicas[0] - 1)));
        });
        PodRef probe = new PodRef("db", "probe-0");
        eventually(() -> {
            client.pods().inNamespace("db").withName(probe.name()).delete();
            pod("probe", probe.name(), Map.of());
            return pods.exists(probe);
        });
    }

    @AfterEach
    void stop() {
        terms.close();
        api.destroy();
    }

    private void scale(int replicas) {
        scale("redis", replicas);
    }

    private void scale(String set, int replicas) {
        client.resource(new StatefulSetBuilder()
                        .withNewMetadata()
                        .withNamespace("db")
                        .withName(set)
                        .addToAnnotations(FixedWish.ANNOTATION, "true")
                        .endMetadata()
                        .withNewSpec()
                        .withReplicas(replicas)
                        .endSpec()
                        .build())
                .createOr(existing -> existing.update());
    }

    private Pod pod(Map<String, String> annotations) {
        return pod("redis", "redis-1", annotations);
    }

    private Pod pod(String set, String name, Map<String, String> annotations) {
        return client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace("db")
                        .withName(name)
                        .withUid("uid-" + name)
                        .withAnnotations(annotations)
                        .addNewOwnerReference()
                        .withApiVersion("apps/v1")
                        .withKind("StatefulSet")
                        .withName(set)
                        .withUid("uid-set")
                        .withController(true)
                        .endOwnerReference()
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName("n1")
                        .endSpec()
                        .build())
                .create();
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not become true in 30 s");
            Thread.onSpinWait();
        }
    }

    @Test
    void aPodThatIsScaledAwayIsWantedNoMore() {
        client.pods().inNamespace("db").withName("redis-1").delete();
        eventually(() -> !statefulSets.wishes(new PodRef("db", "redis")).isEmpty());
        assertEquals(List.of(), counts, "its StatefulSet will make it again");

        scale(1);

        eventually(() -> counts.size() == 1);
        assertEquals(REDIS, counts.getFirst().address().pod());
        scale(2);
        eventually(() -> statefulSets.makes(REDIS));
    }

    @Test
    void aStatefulSetThatIsDeletedWantsNothingAndOneOfItsNameDoesAgain() {
        client.apps().statefulSets().inNamespace("db").withName("redis").delete();
        client.pods().inNamespace("db").withName("redis-1").delete();
        eventually(() -> counts.size() == 1);

        scale(3);

        eventually(() -> statefulSets.makes(REDIS));
        assertTrue(statefulSets.makes(new PodRef("db", "redis-2")));
        assertFalse(statefulSets.makes(new PodRef("db", "redis-3")));
        assertFalse(statefulSets.makes(new PodRef("db", "redis")));
        assertFalse(statefulSets.makes(new PodRef("other", "redis-1")));
    }

    @Test
    void theStatefulSetsAnnotationIsThePods() {
        eventually(() -> directory.annotations(uid).equals(Optional.of(Map.of(FixedWish.ANNOTATION, "true"))));
    }
}
