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
import java.util.List;
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

    /** @param arguments how many changes of 100 elements, how many of each larger one, and how many pairs of rounds */
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

    /** Pairs of rounds, with policy and without, so that the machine's moods hit both. */
    private void traffic(int pairs) throws InterruptedException {
        service.say(LargeProgram.between(Wire.CLIENT, Wire.SERVER, 1).toBuilder());
        agent.gate().admit(pod("client", Wire.CLIENT), false);
        agent.gate().admit(pod("server", Wire.SERVER), false);
        for (int rules : RULES) {
            service.say(LargeProgram.between(Wire.CLIENT, Wire.SERVER, rules).toBuilder());
            wire.connect(CONNECTIONS);
            for (int i = 0; i < pairs; i++) {
                double without = pair(i, () -> wire.connect(CONNECTIONS), "setup_" + rules + "_rules");
                print("setup_without_us", without * 1e3 / CONNECTIONS);
            }
        }
        wire.transfer();
        for (int i = 0; i < pairs; i++) {
            pair(i, wire::transfer, "transfer");
        }
    }

    private interface Round {
        Wire.Took run();
    }

    /** Milliseconds of the clock without policy. */
    private double pair(int number, Round round, String metric) throws InterruptedException {
        boolean policyFirst = number % 2 == 0;
        Wire.Took first = enforcing(policyFirst, round);
        Wire.Took second = enforcing(!policyFirst, round);
        Wire.Took with = policyFirst ? first : second;
        Wire.Took without = policyFirst ? second : first;
        print(metric + "_ratio", with.clock() / without.clock());
        print(metric + "_cpu_ratio", with.cpu() / without.cpu());
        return without.clock();
    }

    private Wire.Took enforcing(boolean policy, Round round) throws InterruptedException {
        wanted.set(policy);
        agent.follow();
        service.say(PolicyUpdate.newBuilder()); // is acknowledged when the switch is in force, too
        return round.run();
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
