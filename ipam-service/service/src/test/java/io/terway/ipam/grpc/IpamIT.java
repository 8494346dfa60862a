package io.terway.ipam.grpc;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.grpc.Status;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.terway.wire.ipam.v1.AddressView;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.NodeView;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.net.v1.EniAddress;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole service between a model of eni-manager, a model of the API server, and agents that follow a script. */
@QuarkusTest
@QuarkusTestResource(value = ClusterModel.class, restrictToAnnotatedClass = true)
class IpamIT {

    ModelEniManager eniManager;

    @Inject
    KubernetesClient kubernetes;

    @Inject
    IpamProcess process;

    private TestCluster cluster;

    @BeforeEach
    void configure() {
        cluster = new TestCluster(kubernetes);
        cluster.config(
                "{\n // a small pool\n \"min_pool_size\": 2, \"max_pool_size\": 3,\n\n \"security_group\": \"sg-1\" }");
        TestCluster.eventually(process::synced);
    }

    @AfterEach
    void hangUp() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void givesAnAddressAndTakesItBackOnlyAfterTheAgentLetGo() throws Exception {
        ScriptedAgent agent = cluster.connected("n1");
        agent.await(message -> agent.offered.size() == 2);
        TestCluster.bind(agent, "a");
        TestCluster.bind(agent, "b");
        agent.await(message -> agent.offered.size() == 4);
        TestCluster.bind(agent, "c");
        TestCluster.bind(agent, "d");
        agent.await(message -> agent.offered.size() == 6);
        assertEquals(5, agent.release("a", 100));
        agent.release("b", 100);

        ServerMessage withdraw = agent.await(ServerMessage::hasWithdraw);

        List<String> asked = withdraw.getWithdraw().getAddressesList();
        assertEquals(1, asked.size(), "four idle, three are tolerated");
        assertEquals(Set.of(), eniManager.unassigned(), "nothing leaves before the agent has let go");
        agent.acknowledge(withdraw.getWithdraw().getNumber(), asked);
        TestCluster.eventually(() -> eniManager.unassigned().equals(new TreeSet<>(asked)));
        TestCluster.eventually(() -> cluster.view("n1").getAddressesList().stream()
                        .filter(line -> line.getState().equals("idle"))
                        .count()
                == 3);
        get(TestCluster.management("/metrics"))
                .then()
                .body(containsString("terway_ipam_allocations_total{outcome=\"proposed\"}"));
        TestCluster.eventually(() -> TestCluster.audited("bound") >= 4 && TestCluster.audited("released") >= 2);
    }

    @Test
    void theSameRequestGetsTheSameAddress() throws Exception {
        ScriptedAgent agent = cluster.connected("n2");
        agent.await(message -> agent.offered.size() == 2);

        EniAddress first = agent.allocate("p").getProposal().getAddresses(0);

        assertEquals(first, agent.allocate("p").getProposal().getAddresses(0));
    }

    @Test
    void aWaitingPodIsDemandAndTheOfferComes() throws Exception {
        ScriptedAgent agent = cluster.connected("n3");
        agent.await(message -> agent.offered.size() == 2);
        for (int pod = 0; pod < 45; pod++) {
            String name = "p" + pod;
            while (!agent.allocate(name).hasProposal()) {
                agent.await(ServerMessage::hasOffer);
            }
            agent.bind(name, agent.allocate(name).getProposal().getAddresses(0));
        }

        var answer = agent.allocate("one-too-many");

        assertTrue(answer.hasRefusal(), answer.toString());
        assertTrue(answer.getRefusal().getMessage().contains("45 of 45"), answer.toString());
        assertEquals(3, eniManager.enis("i-n3"));
    }

    @Test
    void anotherLedgerWithOtherBindingsIsQuarantinedUntilTheyAgree() throws Exception {
        ScriptedAgent agent = cluster.connected("n4");
        agent.await(message -> agent.offered.size() == 2);
        TestCluster.bind(agent, "a");
        agent.hangUp();
        ScriptedAgent clone = new ScriptedAgent(cluster.channel, "n4");
        clone.ledgerId = "another";
        clone.connect();

        Status refused = clone.ended.poll(20, TimeUnit.SECONDS);

        assertEquals(Status.Code.FAILED_PRECONDITION, refused.getCode());
        assertTrue(
                refused.getDescription().startsWith("quarantined: ledger another replaced ledger-n4"),
                refused::toString);
        ScriptedAgent rebuilt = new ScriptedAgent(cluster.channel, "n4");
        rebuilt.ledgerId = "another";
        rebuilt.bound.putAll(agent.bound);
        rebuilt.connect();
        rebuilt.await(ServerMessage::hasWelcome);
    }

    @Test
    void anAgentThatSawAHigherTermIsNotServed() throws Exception {
        ScriptedAgent agent = new ScriptedAgent(cluster.channel, "n5");
        agent.highestTerm = 1_000_000;
        agent.connect();

        Status refused = agent.ended.poll(20, TimeUnit.SECONDS);

        assertEquals(Status.Code.FAILED_PRECONDITION, refused.getCode());
        assertEquals("not the leader", refused.getDescription());
    }

    @Test
    void aNewTermIsRebuiltFromLedgers() throws Exception {
        ScriptedAgent agent = cluster.connected("n6");
        agent.await(message -> agent.offered.size() == 2);
        TestCluster.bind(agent, "a");
        agent.await(message -> agent.offered.size() == 3);
        long term = process.terms().current().orElseThrow().term();
        process.terms().lost(term);
        assertEquals("not the leader", agent.ended.poll(20, TimeUnit.SECONDS).getDescription());
        process.terms().elected(term + 1);
        agent.connect();

        ServerMessage welcome = agent.await(ServerMessage::hasWelcome);

        assertEquals(term + 1, welcome.getTerm());
        assertEquals(1, welcome.getWelcome().getAcknowledgedSequence());
        NodeView view = cluster.view("n6");
        assertEquals(3, view.getAddressesCount(), view::toString);
        assertEquals(
                List.of("a"),
                view.getAddressesList().stream()
                        .filter(line -> line.getState().equals("bound"))
                        .map(AddressView::getPod)
                        .map(io.terway.wire.net.v1.Pod::getName)
                        .toList());
        TestCluster.bind(agent, "b");
    }

    @Test
    void aFixedAddressIsInItsPodNetInfoBeforeThePodGetsIt() throws Exception {
        ScriptedAgent agent = cluster.connected("n13");
        agent.await(message -> agent.offered.size() == 2);
        Map<String, String> wish = Map.of("k8s.aliyun.com/pod-bindable", "true");
        AllocateResponse[] answer = new AllocateResponse[1];
        TestCluster.eventually(() -> (answer[0] = agent.allocate("redis-0", wish)).hasProposal());

        assertTrue(answer[0].getProposal().getFixed());
        var stored = kubernetes
                .genericKubernetesResources(new ResourceDefinitionContext.Builder()
                        .withGroup("network.alibabacloud.com")
                        .withVersion("v1")
                        .withKind("PodNetInfo")
                        .withPlural("podnetinfos")
                        .withNamespaced(true)
                        .build())
                .inAnyNamespace()
                .list()
                .getItems();
        assertEquals(1, stored.size());
        assertEquals("redis-0", stored.getFirst().getMetadata().getName());
        assertEquals(
                answer[0].getProposal().getAddresses(0).getAddress(),
                stored.getFirst().<String>get("spec", "podIP"));
        long term = process.terms().current().orElseThrow().term();
        process.terms().lost(term);
        process.terms().elected(term + 1);
        agent.connect();
        agent.await(ServerMessage::hasWelcome);
        AllocateResponse first = answer[0];
        TestCluster.eventually(() -> (answer[0] = agent.allocate("redis-0", wish)).hasProposal());
        assertEquals(first.getProposal(), answer[0].getProposal(), "a new term knows it");
    }

    @Test
    void aPodThatIsNotOfAStatefulSetIsToldThatItsAddressIsAnOrdinaryOne() throws Exception {
        ScriptedAgent agent = cluster.connected("n14");
        kubernetes
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace("shop")
                        .withName("web-of-a-deployment")
                        .withUid("uid-deployment")
                        .addToAnnotations("k8s.aliyun.com/pod-bindable", "true")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName("n14")
                        .endSpec()
                        .build())
                .create();

        ServerMessage message =
                agent.await(update -> update.hasPods() && update.getPods().getPodsCount() == 1);

        assertEquals(Map.of(), message.getPods().getPods(0).getAnnotationsMap());
        TestCluster.eventually(() -> kubernetes.v1().events().inNamespace("shop").list().getItems().stream()
                .anyMatch(event -> event.getReason().equals("NoFixedAddress")));
    }

    @Test
    void pushesTheNodesPods() throws Exception {
        ScriptedAgent agent = cluster.connected("n7");
        agent.await(message -> message.hasPods() && message.getPods().getFull());
        kubernetes
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace("shop")
                        .withName("web")
                        .withUid("uid-web")
                        .addToAnnotations("k8s.aliyun.com/eni", "true")
                        .addToAnnotations("other", "x")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName("n7")
                        .endSpec()
                        .build())
                .create();

        ServerMessage message =
                agent.await(update -> update.hasPods() && update.getPods().getPodsCount() == 1);

        assertEquals(
                Map.of("k8s.aliyun.com/eni", "true"),
                message.getPods().getPods(0).getAnnotationsMap());
    }

    @Test
    void anInvalidConfigurationIsRefusedWithAnEventAndTheLastGoodOneStays() throws Exception {
        ScriptedAgent agent = cluster.connected("n8");
        agent.await(message -> agent.offered.size() == 2);
        TestCluster.eventually(() -> told("EniConfigAccepted", "in force, ENIIP mode"));
        cluster.config("{\"max_pool_size\": \"lots\"}");

        TestCluster.eventually(() -> told("EniConfigRefused", "eni_conf.max_pool_size is 'lots'"));

        assertEquals(3, cluster.view("n8").getMaxPoolSize());
    }

    private boolean told(String reason, String part) {
        return kubernetes.v1().events().inNamespace("kube-system").list().getItems().stream()
                .anyMatch(event ->
                        event.getReason().equals(reason) && event.getMessage().contains(part));
    }

    @Test
    void answersHealthOnTheManagementPort() throws Exception {
        TestCluster.eventually(
                () -> get(TestCluster.management("/health/ready")).statusCode() == 200);
        get(TestCluster.management("/health/live")).then().statusCode(200).body(containsString("loop"));
        get(TestCluster.management("/health/started")).then().statusCode(200);
    }
}
