package io.terway.bench.policy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.agent.policy.PolicyParts;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.PodLife;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The measured process: a node's real agent part for policy, its tables and packets, told what to enforce over gRPC. Prints
 * {@code metric value} lines. Started by {@link PolicyBench}; needs root.
 */
final class EnforceMain {

    private static final int[] LARGER = {1_000, 10_000};
    private static final int[] RULES = {1, 10, 100};
    private static final int CONNECTIONS = 1_000;

    private final ServiceModel service;
    private final Wire wire;
    private final PolicyParts agent;
    private final AtomicBoolean wanted = new AtomicBoolean(true);
    private PolicyUpdate bound = LargeProgram.unbound();

    private EnforceMain(ServiceModel service, Wire wire, Path state) {
        this.service = service;
        this.wire = wire;
        agent = new PolicyParts(
                new PolicyParts.Settings(new NodeName("node-1"), "kube-system", state, wire.node),
                () -> List.of(service.address()),
                address -> LeaderChannel.to(
                        address,
                        new LeaderChannel.Settings(
                                "kube-system", "terway-policy", Optional.empty(), new Tls.Plaintext())),
                wanted::get,
                new SimpleMeterRegistry());
    }

    /** @param arguments how many changes of 100 elements, how many of each larger one, and how many turns of rounds */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path state = Files.createTempDirectory("terway-bench-state");
        try (ServiceModel service = new ServiceModel();
                Wire wire = new Wire()) {
            EnforceMain main = new EnforceMain(service, wire, state);
            main.changes(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
            main.traffic(Integer.parseInt(arguments[2]));
            main.agent.close();
        }
        System.exit(0); // whatever thread of a library is still there
    }

    private void changes(int small, int large) throws InterruptedException {
        List<Binding> pods = new ArrayList<>();
        for (int i = 0; i < LargeProgram.PODS; i++) {
            pods.add(pod(LargeProgram.pod(i), Ip.parse("10.9.0.0").plus(i)));
        }
        agent.start(pods);
        LargeProgram program = new LargeProgram();
        print("cold_start_ms", service.say(program.whole().toBuilder()));
        for (int i = 0; i < small; i++) {
            print("change_100_ms", service.say(program.change(100)));
        }
        for (int elements : LARGER) {
            for (int i = 0; i < large; i++) {
                print("change_" + elements + "_ms", service.say(program.change(elements)));
            }
        }
        pods.forEach(pod -> agent.gate().leave(pod.key()));
    }

    /** What is between the two pods. */
    private enum State {
        /** No table: policy is switched off on the node. */
        OFF,
        /** The table that every node has; no policy is about these pods. */
        UNBOUND,
        /** Both ends are under policy. */
        BOUND
    }

    /** Rounds in each state, one after the other in turning order, so that the machine's moods hit all. */
    private void traffic(int turns) throws InterruptedException {
        agent.gate().admit(pod("client", Wire.CLIENT), false);
        agent.gate().admit(pod("server", Wire.SERVER), false);
        for (int rules : RULES) {
            bound = LargeProgram.between(Wire.CLIENT, Wire.SERVER, rules);
            service.say(bound.toBuilder());
            wire.connect(CONNECTIONS);
            for (int i = 0; i < turns; i++) {
                double off = turn(i, () -> wire.connect(CONNECTIONS), "setup_" + rules + "_rules");
                print("setup_without_us", off * 1e3 / CONNECTIONS);
            }
        }
        bound = LargeProgram.between(Wire.CLIENT, Wire.SERVER, 1);
        wire.transfer();
        for (int i = 0; i < turns; i++) {
            turn(i, wire::transfer, "transfer");
        }
        wire.stream();
        for (int i = 0; i < turns; i++) {
            turn(i, wire::stream, "stream");
        }
    }

    private interface Round {
        Wire.Took run();
    }

    /** Milliseconds of the clock without a table. */
    private double turn(int number, Round round, String metric) throws InterruptedException {
        State[] states = State.values();
        Map<State, Wire.Took> took = new EnumMap<>(State.class);
        for (int i = 0; i < states.length; i++) {
            State state = states[(number + i) % states.length];
            enter(state);
            took.put(state, round.run());
        }
        ratios(metric, took.get(State.BOUND), took.get(State.OFF));
        ratios(metric + "_unbound", took.get(State.UNBOUND), took.get(State.OFF));
        ratios(metric + "_added", took.get(State.BOUND), took.get(State.UNBOUND));
        return took.get(State.OFF).clock();
    }

    private static void ratios(String metric, Wire.Took with, Wire.Took without) {
        print(metric + "_ratio", with.clock() / without.clock());
        print(metric + "_cpu_ratio", with.cpu() / without.cpu());
        if (metric.startsWith("stream")) {
            print(metric.replace("stream", "throughput") + "_ratio", without.clock() / with.clock());
        }
    }

    private void enter(State state) throws InterruptedException {
        wanted.set(state != State.OFF);
        agent.follow();
        service.say( // is acknowledged when the switch is in force, too
                switch (state) {
                    case OFF -> PolicyUpdate.newBuilder();
                    case UNBOUND -> LargeProgram.unbound().toBuilder();
                    case BOUND -> bound.toBuilder();
                });
    }

    private Binding pod(String name, Ip ip) {
        return new Binding(
                new SandboxKey("terway", "sandbox-" + name, "eth0"),
                new PodLife(new PodRef(LargeProgram.NAMESPACE, name), "uid-" + name),
                wire.namespace(ip),
                List.of(new HeldAddress(ip, new EniId("eni-a"))),
                false,
                new BootTime("b0071d00-0000-4000-8000-000000000001", Duration.ZERO),
                1);
    }

    private static void print(String metric, double value) {
        System.out.printf("%s %.4f%n", metric, value);
    }
}
