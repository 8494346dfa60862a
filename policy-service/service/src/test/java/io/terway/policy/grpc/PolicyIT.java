package io.terway.policy.grpc;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Subscribe;
import io.terway.wire.policy.v1.SubscribeMessage;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole service against a model of the API server: objects in, program differences out. */
@QuarkusTest
@QuarkusTestResource(ApiModel.class)
class PolicyIT {

    @Inject
    KubernetesClient kubernetes;

    private final LinkedBlockingQueue<PolicyUpdate> updates = new LinkedBlockingQueue<>();
    private ManagedChannel channel;
    private StreamObserver<SubscribeMessage> subscription;

    @AfterEach
    void hangUp() {
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    @Test
    void streamsDifferencesAsPoliciesComeAndGo() throws Exception {
        apply(
                Node.class,
                "apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {addresses: [{type: InternalIP, address: 10.0.0.1}]}");
        apply(Namespace.class, "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}");
        apply(Pod.class, pod("db", "10.0.1.2", "u-db"));
        apply(Pod.class, pod("web", "10.0.1.3", "u-web"));
        subscribe("n1");
        PolicyUpdate first = await(update -> update.getPodsCount() == 2);
        assertTrue(first.getFull());
        assertEquals(0, first.getProgramsCount());

        NetworkPolicy policy = apply(NetworkPolicy.class, """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: db-from-web, namespace: shop}
                spec:
                  podSelector: {matchLabels: {app: db}}
                  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
                """);
        PolicyUpdate isolated = await(update -> update.getProgramsCount() == 1);
        var program = isolated.getPrograms(0);
        var peers = isolated.getSets(0);
        assertTrue(peers.getFull());
        assertEquals(List.of(0x0a000103), peers.getAdd().getIpv4List());
        assertEquals(peers.getId(), program.getRules(0).getPeerSets(0).getSet());
        assertEquals(5432, program.getRules(0).getPorts(0).getFirst());
        assertEquals(1, isolated.getPodsCount(), "only the pod that changed");
        assertEquals(program.getId(), isolated.getPods(0).getIngressProgram());
        assertEquals("shop", isolated.getIndex().getNamespaces(0));

        apply(Pod.class, pod("web", "10.0.1.4", "u-web-2").replace("name: web", "name: web-2"));
        PolicyUpdate grown = await(update -> update.getSetsCount() == 1);
        assertEquals(0, grown.getProgramsCount(), "one more peer is one more element, not another program");
        assertEquals(List.of(0x0a000104), grown.getSets(0).getAdd().getIpv4List());

        kubernetes.resource(policy).delete();
        PolicyUpdate opened = await(update -> update.getRemovedProgramsCount() == 1);
        assertEquals(program.getId(), opened.getRemovedPrograms(0));
        assertEquals(List.of(peers.getId()), opened.getRemovedSetsList());
        assertEquals(0, opened.getIndex().getNamespacesCount());
    }

    @Test
    void namesWhoHasAnAddress() throws Exception {
        apply(
                Node.class,
                "apiVersion: v1\nkind: Node\nmetadata: {name: n9}\nstatus: {addresses: [{type: InternalIP, address: 10.9.0.1}]}");
        apply(Pod.class, pod("named", "10.9.1.2", "u-named").replace("n1", "n9"));
        subscribe("n9");
        await(update ->
                update.getPodsList().stream().anyMatch(p -> p.getPod().getName().equals("named")));
        var names = io.terway.wire.policy.v1.PolicyGrpc.newBlockingStub(channel);

        var known = names.name(request("10.9.1.2", "10.9.0.1", "192.0.2.1")).getHoldersList();

        assertEquals(2, known.size());
        assertEquals("named", known.get(0).getPod().getName());
        assertEquals("n9", known.get(1).getNode());
        String[] many = java.util.Collections.nCopies(257, "10.9.1.2").toArray(String[]::new);
        var refused = org.junit.jupiter.api.Assertions.assertThrows(
                io.grpc.StatusRuntimeException.class, () -> names.name(request(many)));
        assertTrue(refused.getMessage().contains("257 at once, at most 256"), refused.getMessage());
    }

    private static io.terway.wire.policy.v1.NameRequest request(String... addresses) {
        var request = io.terway.wire.policy.v1.NameRequest.newBuilder();
        for (String address : addresses) {
            request.addAddresses(com.google.protobuf.ByteString.copyFrom(
                    io.terway.net.Ip.parse(address).bytes()));
        }
        return request.build();
    }

    @Test
    void aPolicyThatCannotBeReadIsCountedAndAnnounced() throws Exception {
        apply(NetworkPolicy.class, """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: odd, namespace: shop}
                spec: {podSelector: {matchExpressions: [{key: a, operator: Near}]}}
                """);

        eventually(() -> kubernetes.v1().events().inNamespace("shop").list().getItems().stream()
                .anyMatch(event -> event.getMessage().contains("'Near'")));
        get(management("/metrics")).then().body(containsString("terway_policy_rejected_total{refused=\"true\"} 1.0"));
    }

    @Test
    void answersHealthOnTheManagementPort() {
        get(management("/health/ready")).then().statusCode(200).body(containsString("watches synced"));
        get(management("/health/live")).then().statusCode(200).body(containsString("loops"));
        get(management("/health/started")).then().statusCode(200);
    }

    private String management(String path) {
        return "http://localhost:"
                + org.eclipse.microprofile.config.ConfigProvider.getConfig()
                        .getValue("quarkus.management.test-port", Integer.class)
                + path;
    }

    private void subscribe(String node) {
        int port = org.eclipse.microprofile.config.ConfigProvider.getConfig()
                .getValue("quarkus.http.test-port", Integer.class);
        channel =
                NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        subscription = io.terway.wire.policy.v1.PolicyGrpc.newStub(channel).subscribe(new StreamObserver<>() {
            @Override
            public void onNext(PolicyUpdate update) {
                updates.add(update);
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        });
        subscription.onNext(SubscribeMessage.newBuilder()
                .setSubscribe(Subscribe.newBuilder().setNodeName(node))
                .build());
    }

    private PolicyUpdate await(Predicate<PolicyUpdate> expected) throws InterruptedException {
        PolicyUpdate last = null;
        for (PolicyUpdate update; (update = updates.poll(20, TimeUnit.SECONDS)) != null; last = update) {
            if (expected.test(update)) {
                return update;
            }
        }
        throw new AssertionError("the expected update did not come; the last one was " + last);
    }

    private static void eventually(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not become true in 20 s");
            Thread.onSpinWait();
        }
    }

    private <T extends io.fabric8.kubernetes.api.model.HasMetadata> T apply(Class<T> type, String yaml) {
        return kubernetes.resource(Serialization.unmarshal(yaml, type)).create();
    }

    private static String pod(String app, String ip, String uid) {
        return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + app + ", namespace: shop, uid: " + uid
                + ", labels: {app: " + app
                + "}}\nspec: {nodeName: n1, containers: []}\nstatus: {phase: Running, podIPs: [{ip: " + ip + "}]}";
    }
}
