package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.Shard;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.NodeName;
import io.terway.net.Sharding;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The watches of a shard: its own pods are kept, those of others are counted. */
class PodsElsewhereTest {

    private static final BiConsumer<LoopThread, IpamCommand> NOTHING = (_, _) -> {};

    private final KubernetesMockServer api = new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    private final Terms terms = new Terms(NOTHING);
    private final PodDirectory directory = new PodDirectory();
    private final PodsElsewhere elsewhere = new PodsElsewhere(terms);
    private final ShardNodes shard = new ShardNodes(new Shard(Sharding.parse("zone-h=0;*=1"), 0));
    private final Map<String, String> uids = new HashMap<>();
    private KubernetesClient client;
    private NodeWatch nodes;
    private PodWatch pods;

    @BeforeEach
    void start() {
        api.init();
        client = api.createClient();
        node("ours", "zone-h");
        node("theirs", "zone-i");
        var statefulSets = new StatefulSetWatch(client);
        nodes = new NodeWatch(client, terms, _ -> {}, shard);
        pods = new PodWatch(
                client,
                directory,
                new ExpectedPods(terms),
                new EventWriter(client, "kube-system"),
                statefulSets,
                shard,
                elsewhere);
        pod("a", "ours", "10.0.0.1");
        pod("b", "theirs", "10.0.0.2");
        pod("c", "theirs", null);
        nodes.start(() -> pods.start(() -> {}));
        eventually(() -> pods.synced() && isKept("a"));
    }

    @AfterEach
    void stop() {
        pods.close();
        nodes.close();
        client.close();
        api.destroy();
    }

    @Test
    void podsOfOtherShardsAreCountedOnceTheyHaveAnAddressAndNotKept() {
        eventually(() -> elsewhere.counts().equals(Map.of("shop", 1)));
        assertFalse(isKept("b"));

        pod("c", "theirs", "10.0.0.3");

        eventually(() -> elsewhere.counts().equals(Map.of("shop", 2)));
        client.pods().inNamespace("shop").withName("b").delete();
        eventually(() -> elsewhere.counts().equals(Map.of("shop", 1)));
    }

    @Test
    void podsOfANodeThatTurnsOutToBeAnothersAreForgotten() {
        pod("d", "new", "10.0.0.4");
        eventually(() -> isKept("d"));

        node("new", "zone-i");

        eventually(() -> !isKept("d"));
        assertFalse(shard.serves(new NodeName("new")));
        assertTrue(shard.serves(new NodeName("ours")));
    }

    private boolean isKept(String pod) {
        return directory.annotations(uids.get(pod)).isPresent();
    }

    private void node(String name, String zone) {
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withUid("uid-" + name)
                        .addToLabels("topology.kubernetes.io/zone", zone)
                        .endMetadata()
                        .build())
                .create();
    }

    private void pod(String name, String node, String ip) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .withNewStatus()
                .withPhase(ip == null ? "Pending" : "Running")
                .withPodIP(ip)
                .endStatus()
                .build();
        uids.put(
                name,
                client.resource(pod)
                        .createOr(existing -> existing.update())
                        .getMetadata()
                        .getUid());
    }

    private static void eventually(BooleanSupplier holds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within 30 s");
            LockSupport.parkNanos(10_000_000);
        }
    }
}
