package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.terway.wire.ipam.v1.IpamGrpc;
import io.terway.wire.ipam.v1.NodeView;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.ipam.v1.ViewRequest;
import jakarta.enterprise.inject.spi.CDI;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.config.ConfigProvider;

/** What tests do with the running service: connect agents, set the configuration, look. */
final class TestCluster implements AutoCloseable {

    final ManagedChannel channel;
    private final KubernetesClient kubernetes;

    TestCluster(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
        channel = NettyChannelBuilder.forAddress("localhost", port())
                .usePlaintext()
                .build();
    }

    ScriptedAgent connected(String node) throws InterruptedException {
        ScriptedAgent agent = new ScriptedAgent(channel, node);
        agent.connect();
        agent.await(ServerMessage::hasWelcome);
        return agent;
    }

    static void bind(ScriptedAgent agent, String pod) throws InterruptedException {
        while (!agent.allocate(pod).hasProposal()) {
            agent.await(ServerMessage::hasOffer);
        }
        assertEquals(
                agent.sequence + 1,
                agent.bind(pod, agent.allocate(pod).getProposal().getAddresses(0)));
    }

    NodeView view(String node) {
        return IpamGrpc.newBlockingStub(channel)
                .view(ViewRequest.newBuilder().setNodeName(node).build())
                .next();
    }

    void config(String eniConf) {
        kubernetes
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("eni-config")
                        .endMetadata()
                        .addToData("eni_conf", eniConf)
                        .build())
                .createOr(existing -> existing.update());
    }

    /** Where the service of this test serves agents. */
    static int port() {
        return CDI.current().select(IpamPort.class).get().number();
    }

    static String management(String path) {
        return "http://localhost:" + ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class)
                + path;
    }

    static long audited(String event) {
        Path file = Path.of(ConfigProvider.getConfig().getValue("terway.state-dir", String.class), "audit/audit.jsonl");
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream()
                            .filter(line -> line.contains("\"event\":\"" + event + "\""))
                            .count()
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it did not become true in 20 s");
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
