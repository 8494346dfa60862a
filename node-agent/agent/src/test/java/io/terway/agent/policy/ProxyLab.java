package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.link.LeaderChannel;
import io.terway.link.Notice;
import io.terway.link.Tls;
import io.terway.linux.netns.Lab;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.HttpRule;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** A client, a server that is a pod of the node, and between them the node with kernel and proxy. */
final class ProxyLab implements AutoCloseable {

    static final String URL = "http://10.0.0.2:8080";
    static final Ip CLIENT = Ip.parse("10.0.0.1");
    static final Ip SERVER = Ip.parse("10.0.0.2");

    final PacketLab packets = new PacketLab(2);

    /** What Kubernetes was told. */
    final List<Notice> notices = new CopyOnWriteArrayList<>();

    private final Binding serverPod = Updates.binding("server", packets.namespace(SERVER), "10.0.0.2", "fd00::2");
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final PolicyModel service;
    private final PolicyParts parts;
    private boolean closed;

    /** In force when this returns. */
    ProxyLab(Path state, PolicyUpdate policy) throws IOException, InterruptedException {
        this(state, policy, false);
    }

    /** @param inside true: the node is not on the way, so the pod is judged inside */
    ProxyLab(Path state, PolicyUpdate policy, boolean inside) throws IOException, InterruptedException {
        service = new PolicyModel(policy);
        parts = new PolicyParts(
                new PolicyParts.Settings(
                        new NodeName("node-1"),
                        "kube-system",
                        state,
                        inside ? packets.empty("elsewhere") : packets.node,
                        new Told(notices::add, _ -> Optional.empty(), false, Optional.empty())),
                () -> List.of(service.address()),
                address -> LeaderChannel.to(
                        address,
                        new LeaderChannel.Settings(
                                "kube-system", "terway-policy", Optional.empty(), new Tls.Plaintext())),
                () -> true,
                registry);
        parts.start(inside ? List.of() : List.of(serverPod));
        service.next();
        assertEquals("", service.next().getAcknowledge().getError());
        if (inside) {
            parts.gate().admit(serverPod, true);
        }
    }

    WebServer serve(int port) {
        return new WebServer(packets.namespace(SERVER), port);
    }

    /** What curl prints on the client's side. */
    String curl(String... arguments) {
        return curlOf(CLIENT, arguments);
    }

    String curlOf(Ip host, String... arguments) {
        return Lab.output(
                packets.namespace(host),
                Stream.concat(Stream.of("curl", "-sS", "-m", "60"), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    RawHttp raw() {
        return RawHttp.connect(packets.namespace(CLIENT), "10.0.0.2", HttpPolicies.PORT);
    }

    /** The pod "server" takes these requests from now on; in force when this returns. */
    void change(String id, HttpRule... requests) throws InterruptedException {
        service.send(Updates.difference(2)
                .addPrograms(HttpPolicies.program(id, Direction.INGRESS, HttpPolicies.PORT, requests))
                .addPods(Updates.pod("server", id, ""))
                .build());
        assertEquals("", service.next().getAcknowledge().getError());
    }

    double requests(String verdict) {
        return registry.get("terway_policy_l7_requests")
                .tag("verdict", verdict)
                .counter()
                .count();
    }

    double connections() {
        return registry.get("terway_policy_l7_connections").gauge().value();
    }

    double connectionsCut() {
        return registry.get("terway_policy_connections_cut").functionCounter().count();
    }

    /** As a death of the agent: the kernel keeps its rules. */
    void stopAgent() {
        if (!closed) {
            closed = true;
            parts.close();
        }
    }

    @Override
    public void close() {
        stopAgent();
        service.close();
        packets.close();
    }
}
