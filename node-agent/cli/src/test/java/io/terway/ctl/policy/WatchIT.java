package io.terway.ctl.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.terway.ctl.TerwayCliAccess;
import io.terway.wire.agent.v1.AgentGrpc;
import io.terway.wire.agent.v1.DenialNews;
import io.terway.wire.agent.v1.WatchDenialsRequest;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.DenialEnd;
import io.terway.wire.policy.v1.Direction;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code policy watch} against an agent that is a model. */
class WatchIT {

    private static final DenialNews FIRST =
            DenialNews.newBuilder().setNode("node-1").setToldPerSecond(20).build();

    private final List<WatchDenialsRequest> requests = new CopyOnWriteArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void stop() {
        servers.forEach(Server::shutdownNow);
    }

    /** An agent that says this, and then ends the stream as it does when it dies, or stays silent. */
    private Server agent(int port, Status end, DenialNews... news) throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(new AgentGrpc.AgentImplBase() {
                    @Override
                    public void watchDenials(WatchDenialsRequest request, StreamObserver<DenialNews> answer) {
                        requests.add(request);
                        List.of(news).forEach(answer::onNext);
                        if (!end.isOk()) {
                            answer.onError(end.asRuntimeException());
                        }
                    }
                })
                .build()
                .start();
        servers.add(server);
        return server;
    }

    private int watch(int port, String... more) {
        CommandLine line = TerwayCliAccess.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        List<String> args = new ArrayList<>(List.of("policy", "watch", "--address", "127.0.0.1:" + port));
        args.addAll(List.of(more));
        return line.execute(args.toArray(String[]::new));
    }

    private static Denial.Builder denial() {
        return Denial.newBuilder()
                .setAtMs(1_000)
                .setDirection(Direction.INGRESS)
                .setFrom(DenialEnd.newBuilder()
                        .setAddress("10.0.0.1")
                        .setPod(Pod.newBuilder().setNamespace("shop").setName("web")))
                .setTo(DenialEnd.newBuilder().setAddress("10.0.0.2").setNode("node-2"))
                .setProtocol(6)
                .setPort(5432)
                .addPolicies("shop/default-deny")
                .setCount(3);
    }

    @Test
    void peopleReadATable() throws Exception {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        try {
            Server agent = agent(
                    0,
                    Status.OK,
                    FIRST,
                    DenialNews.newBuilder()
                            .addDenials(denial())
                            .addDenials(denial().setDirection(Direction.EGRESS)
                                    .setFrom(DenialEnd.newBuilder()
                                            .setAddress("10.0.0.1")
                                            .setPod(Pod.newBuilder()
                                                    .setNamespace("a-namespace")
                                                    .setName("a-pod-of-a-replica-set")))
                                    .setTo(DenialEnd.newBuilder().setAddress("2001:db8::1"))
                                    .setProtocol(58)
                                    .setPort(0)
                                    .setCount(1))
                            .build(),
                    DenialNews.newBuilder()
                            .addDenials(denial().setHttp(true).setCount(1))
                            .addDenials(denial().setDirection(Direction.EGRESS)
                                    .setForged(true)
                                    .clearPolicies()
                                    .addPolicies("the source is another's")
                                    .setCount(1))
                            .setLost(7)
                            .build());

            assertEquals(0, watch(agent.getPort(), "--count", "4"));

            assertEquals("""
                    connections denied on node node-1, as it happens; Ctrl-C ends.
                    A sample: up to 20 packets a second of each direction.

                    TIME      SIDE     FROM                                TO                                  PORT       DENIED BY                     PACKETS
                    00:00:01  ingress  shop/web 10.0.0.1                   node node-2 10.0.0.2                5432/TCP   shop/default-deny                   3
                    00:00:01  egress   a-namespace/a-pod-of-a-replica-set 10.0.0.1  2001:db8::1                         ICMPv6     shop/default-deny                   1
                    00:00:01  ingress  shop/web 10.0.0.1                            node node-2 10.0.0.2                5432/TCP   shop/default-deny (HTTP, 403)        1
                    00:00:01  egress   shop/web as 10.0.0.1                         node node-2 10.0.0.2                5432/TCP   the source is another's              1
                    ... 7 more were denied than could be shown here; narrow it down with --namespace or --pod

                    4 lines, 6 packets; 7 more were not shown
                    """, out.toString());
            assertEquals("", err.toString());
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void programsReadALineForEach() throws Exception {
        Server agent = agent(
                0,
                Status.OK,
                FIRST,
                DenialNews.newBuilder().addDenials(denial()).setLost(7).build());

        assertEquals(0, watch(agent.getPort(), "--count", "1", "-o", "json"));

        assertEquals(
                "{\"time\":\"1970-01-01T00:00:01Z\",\"node\":\"node-1\",\"direction\":\"ingress\","
                        + "\"from\":{\"ip\":\"10.0.0.1\",\"pod\":\"shop/web\"},\"to\":{\"ip\":\"10.0.0.2\",\"node\":\"node-2\"},"
                        + "\"protocol\":\"TCP\",\"port\":5432,\"policies\":[\"shop/default-deny\"],\"count\":3,\"http\":false,\"forged\":false}\n"
                        + "{\"node\":\"node-1\",\"lost\":7}\n",
                out.toString());
    }

    @Test
    void goesOnWhenTheAgentIsRestarted() throws Exception {
        Server first = agent(0, Status.UNAVAILABLE, FIRST);
        int port = first.getPort();

        Thread restart = Thread.ofVirtual().start(() -> {
            while (requests.isEmpty()) {
                Thread.onSpinWait();
            }
            first.shutdownNow();
            try {
                first.awaitTermination();
                agent(
                        port,
                        Status.OK,
                        FIRST,
                        DenialNews.newBuilder().addDenials(denial()).build());
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertEquals(0, watch(port, "--for", "60s", "--count", "1", "-o", "json"));
        restart.join();

        assertTrue(out.toString().contains("shop/web"), out.toString());
        assertEquals(
                "terway-cli: the agent went away; watching again as soon as it is back\n",
                err.toString(),
                "once, not each second");
    }

    @Test
    void saysThatNoAgentAnswersOrThatItRefuses() throws Exception {
        Server agent = agent(0, Status.RESOURCE_EXHAUSTED.withDescription("too many watch this node already"));
        int port = agent.getPort();
        assertEquals(70, watch(port));
        assertTrue(err.toString().contains("refused: too many watch this node already"), err.toString());
        agent.shutdownNow().awaitTermination();
        assertEquals(69, watch(port));
    }

    @ParameterizedTest
    @CsvSource({
        "--pod web --for 1s, without a namespace",
        "--pod /web --for 1s, it must be NAMESPACE/POD",
        "--pod shop/web -n other, '--pod is in namespace shop, --namespace is other'",
        "--for soon, 'it must be a time such as 30s'",
        "--for -3s, 'it must be a time such as 30s'",
        "--count 0, 'it must be at least 1'"
    })
    void refusesWhatCannotBeMeant(String words, String why) {
        assertEquals(2, watch(1, words.split(" ")));
        assertTrue(err.toString().contains(why), err.toString());
    }

    @Test
    void endsWhenItsTimeIsOver() throws Exception {
        Server agent = agent(0, Status.OK, FIRST);

        assertEquals(0, watch(agent.getPort(), "--for", "1s"));

        assertTrue(out.toString().endsWith("\n0 lines, 0 packets\n"), out.toString());
    }

    @Test
    void asksForThePodThatIsMeant() throws Exception {
        Server agent = agent(0, Status.INTERNAL);

        watch(agent.getPort(), "-n", "shop", "--pod", "web");
        watch(agent.getPort(), "--pod", "shop/web");

        var wanted = WatchDenialsRequest.newBuilder()
                .setNamespace("shop")
                .setPod("web")
                .build();
        assertEquals(List.of(wanted, wanted), requests);
    }
}
