package io.terway.lab.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.terway.eni.sim.EcsSimulator;
import io.terway.eni.sim.EniView;
import io.terway.eni.sim.Options;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.VpcObserver;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.lab.api.ApiOptions;
import io.terway.lab.api.EmbeddedApi;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.InstanceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes of eni-manager, one Lease, one cloud: the leader goes in the middle of the work. */
class HandOverIT {
    private static final int NODES = 6;
    private static final int ENIS_PER_NODE = 3;

    @TempDir
    Path directory;

    @BeforeEach
    void needThePackagedService() {
        Assumptions.assumeTrue(Replica.builtEniManager(), "eni-manager is not packaged: ./mvnw package comes first");
    }

    @Test
    void whatAKilledLeaderHadBegunIsDoneOnceByTheNext() throws IOException, InterruptedException {
        everythingIsDoneOnceThough(Replica::kill);
    }

    @Test
    void whatAStoppingLeaderHadBegunIsDoneOnce() throws IOException, InterruptedException {
        everythingIsDoneOnceThough(Replica::stop);
    }

    private void everythingIsDoneOnceThough(Consumer<Replica> departure) throws IOException, InterruptedException {
        try (EmbeddedApi api = EmbeddedApi.start(ApiOptions.of("127.0.0.1", 0, directory.resolve("objects")));
                EcsSimulator twin = EcsSimulator.start(
                        Scenario.lab(NODES, new InstanceType("ecs.g7.4xlarge"), false),
                        Options.defaults().withLatencies(Latencies.ofMillis(600, 600, 600, 300, 80, 0, 0, 0)),
                        VpcObserver.NONE)) {
            Path kubeconfig = directory.resolve("kubeconfig");
            api.writeKubeconfig(kubeconfig);
            try (KubernetesClient client = new KubernetesClientBuilder()
                            .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
                            .build();
                    LeaderChannel leader = LeaderChannel.open(
                            client,
                            new LeaderChannel.Settings(
                                    "kube-system", "terway-eni", Optional.empty(), new Tls.Plaintext()))) {
                shortLeases(client);
                List<EniCustomer> customers = IntStream.range(0, NODES * ENIS_PER_NODE)
                        .mapToObj(i -> new EniCustomer(leader, 1 + i % NODES))
                        .toList();
                try (Replica one = Replica.eniManager("one", twin, kubeconfig, directory);
                        Replica two = Replica.eniManager("two", twin, kubeconfig, directory)) {
                    List<Future<Void>> work = begin(customers);
                    EniCustomer.awaitSteps(customers, customers.size() / 3);
                    String leading = leader.address().orElseThrow().toString();
                    departure.accept(leading.equals(one.address()) ? one : two);
                    work.forEach(HandOverIT::ended);
                    assertNotEquals(leading, leader.address().orElseThrow().toString(), "the other one leads now");
                }
                theCloudHasExactly(customers, twin);
            }
        }
    }

    /** So that the next one leads within seconds of a kill. */
    private static void shortLeases(KubernetesClient client) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("eni-config")
                        .endMetadata()
                        .withData(Map.of(
                                "eni_conf",
                                "{\"ha_config\":{\"lease_duration_seconds\":4,\"renew_deadline_seconds\":3,"
                                        + "\"retry_period_seconds\":1}}"))
                        .build())
                .create();
    }

    private static List<Future<Void>> begin(List<EniCustomer> customers) {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        List<Future<Void>> work = customers.stream().map(threads::submit).toList();
        threads.shutdown();
        return work;
    }

    private static void ended(Future<Void> work) {
        try {
            work.get(3, TimeUnit.MINUTES);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void theCloudHasExactly(List<EniCustomer> customers, EcsSimulator twin) {
        Map<String, Set<String>> wanted =
                customers.stream().collect(Collectors.toMap(EniCustomer::eni, EniCustomer::addresses));
        Map<String, Set<String>> found = twin.view().enis().stream()
                .filter(eni -> eni.type().equals("Secondary"))
                .collect(Collectors.toMap(eni -> eni.id().value(), HandOverIT::secondary));

        assertEquals(customers.size(), wanted.size());
        assertEquals(wanted, found);
    }

    private static Set<String> secondary(EniView eni) {
        assertEquals("InUse", eni.status());
        return new HashSet<>(
                eni.addresses().stream().skip(1).map(Object::toString).toList());
    }
}
