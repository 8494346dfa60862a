package io.terway.lab.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.grpc.Status;
import io.terway.eni.sim.EcsSimulator;
import io.terway.eni.sim.Options;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.VpcObserver;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.lab.api.ApiOptions;
import io.terway.lab.api.EmbeddedApi;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.InstanceType;
import io.terway.net.Sharding;
import io.terway.net.ZoneId;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of ipam-service in two shards, with one eni-manager, one cloud and one API server for both. */
class ShardsIT {
    /** The nodes of zone h are divided, those of zone i are all of one shard. */
    private static final String SHARDS = "cn-hangzhou-h=0,1;*=1";

    private static final int NODES = 8;

    @TempDir
    Path directory;

    private final List<LeaderChannel> channels = new ArrayList<>();
    private final Map<String, PodMaker> agents = new TreeMap<>();
    private KubernetesClient client;

    @BeforeEach
    void needThePackagedServices() {
        Assumptions.assumeTrue(
                Replica.builtEniManager() && Replica.builtIpamService(),
                "eni-manager and ipam-service are not packaged: ./mvnw package comes first");
    }

    @Test
    void eachShardServesItsNodesAndHandsThemOver() throws IOException {
        try (EmbeddedApi api = EmbeddedApi.start(ApiOptions.of("127.0.0.1", 0, directory.resolve("objects")));
                EcsSimulator twin = EcsSimulator.start(
                        Scenario.lab(NODES, new InstanceType("ecs.g7.4xlarge"), false),
                        Options.defaults().withLatencies(Latencies.ofMillis(50, 50, 50, 50, 20, 0, 0, 0)),
                        VpcObserver.NONE)) {
            Path kubeconfig = directory.resolve("kubeconfig");
            api.writeKubeconfig(kubeconfig);
            client = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
                    .build();
            try (Replica cloud = Replica.eniManager("eni", twin, kubeconfig, directory)) {
                describeTheCluster();
                run(kubeconfig);
                assertTrue(cloud.address().startsWith("127"), "one eni-manager served both");
                theCloudHasWhatPodsHave(twin);
            } finally {
                channels.forEach(LeaderChannel::close);
                client.close();
            }
        }
    }

    private void run(Path kubeconfig) {
        try (Replica one = Replica.ipamService("a", 0, SHARDS, kubeconfig, directory);
                Replica two = Replica.ipamService("b", 0, SHARDS, kubeconfig, directory);
                Replica other = Replica.ipamService("c", 1, SHARDS, kubeconfig, directory)) {
            everyNodeGetsAddresses(3);
            assertEquals(other.address(), holder(1), "shard 1 has a leader of its own");
            String leading = holder(0);
            PodMaker served = ofShard(0).getFirst();
            anAgentOfAnotherDivisionIsToldWhereItsShardIs(served, ofShard(1).getFirst());
            aFixedAddressFollowsItsPodFromShardToShard();

            (leading.equals(one.address()) ? one : two).stop();

            assertEquals(Status.Code.FAILED_PRECONDITION, served.ended().getCode(), "told at once, not cut off");
            assertEquals("not the leader", served.ended().getDescription());
            assertNotEquals(leading, holder(0), "a leader that stops gives its Lease up");
            everyNodeGetsAddresses(3);
            assertEquals(
                    List.of(2L),
                    ofShard(0).stream().map(PodMaker::term).distinct().toList(),
                    "the other replica leads the next term");
            assertEquals(
                    List.of(1L),
                    ofShard(1).stream().map(PodMaker::term).distinct().toList(),
                    "the other shard has heard nothing of it, and eni-manager still serves its lower term");
        }
    }

    /** Beyond what any pool keeps ready at first, so that the cloud is asked too. */
    private void everyNodeGetsAddresses(int more) {
        agents.values().parallelStream().forEach(agent -> {
            for (int pod = 0; pod < more; pod++) {
                agent.begin();
                agent.begin();
                agent.end();
            }
        });
        List<String> all = agents.values().stream()
                .flatMap(agent -> agent.addresses().stream())
                .toList();
        assertEquals(all.size(), new HashSet<>(all).size(), "no address is held twice: " + all);
    }

    private void anAgentOfAnotherDivisionIsToldWhereItsShardIs(PodMaker ofZero, PodMaker ofOne) {
        LeaderChannel wrong = open("terway-ipam-0");
        PodMaker lost = new PodMaker(wrong, ofOne.node());

        assertFalse(lost.connect(), "shard 0 does not serve a node of shard 1");

        assertEquals(Status.Code.FAILED_PRECONDITION, lost.ended().getCode());
        assertTrue(
                lost.ended().getDescription().contains("served by shard 1 of ipam-service (Lease terway-ipam-1)"),
                lost.ended().toString());
        assertFalse(ofZero.addresses().isEmpty());
    }

    /** In the zone that both serve. */
    private void aFixedAddressFollowsItsPodFromShardToShard() {
        List<PodMaker> homes = List.of(inZoneH(0), inZoneH(1), inZoneH(0));
        Set<String> given = new HashSet<>();
        for (int life = 0; life < homes.size(); life++) {
            PodMaker agent = homes.get(life);
            Pod pod = createFixed(agent.node());
            given.add(agent.begin(
                    io.terway.wire.net.v1.Pod.newBuilder()
                            .setNamespace("shop")
                            .setName("redis-0")
                            .setUid(pod.getMetadata().getUid())
                            .build(),
                    pod.getMetadata().getAnnotations()));
            assertEquals(1, given.size(), "life " + life + " on " + agent.node() + " got " + given);
            agent.end("redis-0");
            client.resource(pod).withGracePeriod(0).delete();
        }
    }

    private PodMaker inZoneH(int shard) {
        return ofShard(shard).stream()
                .filter(agent -> agent.node().zone().equals("cn-hangzhou-h"))
                .findFirst()
                .orElseThrow();
    }

    private Pod createFixed(TestNode node) {
        return client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace("shop")
                        .withName("redis-0")
                        .addToAnnotations("k8s.aliyun.com/pod-bindable", "true")
                        .withOwnerReferences(new OwnerReferenceBuilder()
                                .withApiVersion("apps/v1")
                                .withKind("StatefulSet")
                                .withName("redis")
                                .withUid("uid-redis")
                                .withController(true)
                                .build())
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node.name())
                        .addNewContainer()
                        .withName("redis")
                        .withImage("redis")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
    }

    private void describeTheCluster() throws IOException {
        try (Stream<Path> crds = Files.list(Path.of("../crds"))) {
            for (Path file : crds.filter(
                            path -> path.toString().endsWith(".yaml") && !path.endsWith("kustomization.yaml"))
                    .toList()) {
                client.load(new FileInputStream(file.toFile())).create();
            }
        }
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("shop")
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("eni-config")
                        .endMetadata()
                        .withData(Map.of("eni_conf", """
                                {"min_pool_size": 2, "max_pool_size": 4, "security_group": "sg-bp1lab", "vswitches":
                                {"cn-hangzhou-h": ["vsw-bp1pod-h"], "cn-hangzhou-i": ["vsw-bp1pod-i"]}}"""))
                        .build())
                .create();
        Sharding sharding = Sharding.parse(SHARDS);
        for (int i = 1; i <= NODES; i++) {
            String zone = i % 2 == 1 ? "cn-hangzhou-h" : "cn-hangzhou-i";
            String uid = client.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(TestNode.name(i))
                            .addToLabels("topology.kubernetes.io/zone", zone)
                            .endMetadata()
                            .withNewSpec()
                            .withProviderID("cn-hangzhou." + TestNode.id(i))
                            .endSpec()
                            .build())
                    .create()
                    .getMetadata()
                    .getUid();
            TestNode node = new TestNode(i, zone, uid);
            int shard = sharding.of(new ZoneId(node.zone()), node.name());
            agents.put(node.name(), new PodMaker(open(sharding.lease(shard)), node));
        }
        assertFalse(ofShard(0).isEmpty(), "the names were chosen so that both shards have nodes of zone h");
    }

    private LeaderChannel open(String lease) {
        LeaderChannel channel = LeaderChannel.open(
                client,
                new LeaderChannel.Settings(
                        "kube-system", lease, "terway-ipam", Optional.empty(), new Tls.Plaintext(), Optional.empty()));
        channels.add(channel);
        return channel;
    }

    private List<PodMaker> ofShard(int shard) {
        Sharding sharding = Sharding.parse(SHARDS);
        return agents.values().stream()
                .filter(agent -> {
                    TestNode node = agent.node();
                    return sharding.of(new ZoneId(node.zone()), node.name()) == shard;
                })
                .toList();
    }

    /** host:port of the shard's leader; empty when nobody is. */
    private String holder(int shard) {
        return Optional.ofNullable(client.leases()
                        .inNamespace("kube-system")
                        .withName("terway-ipam-" + shard)
                        .get()
                        .getSpec()
                        .getHolderIdentity())
                .map(identity -> identity.replaceAll("_.*", ""))
                .orElse("");
    }

    private void theCloudHasWhatPodsHave(EcsSimulator twin) {
        Map<String, Set<String>> byInstance = twin.view().enis().stream()
                .filter(eni -> eni.type().equals("Secondary"))
                .collect(Collectors.toMap(
                        eni -> eni.instance().orElseThrow().value(),
                        eni -> eni.addresses().stream().map(Object::toString).collect(Collectors.toSet()),
                        (a, b) -> Stream.concat(a.stream(), b.stream()).collect(Collectors.toSet())));
        agents.values()
                .forEach(agent -> assertTrue(
                        byInstance.get(agent.node().id()).containsAll(agent.addresses()),
                        agent.node() + " holds " + agent.addresses() + ", its ENIs have " + byInstance));
    }
}
