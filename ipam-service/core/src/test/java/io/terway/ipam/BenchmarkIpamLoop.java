package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.ZoneId;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Allocate, bind and release through the loop alone, over many nodes. Run its main; prints pairs per second. What agents and
 * edges do is prepared outside of the measured time as far as it can be: sandboxes and holders are made before.
 */
final class BenchmarkIpamLoop {

    private static final int PAIRS = 400_000;
    private static final Duration NO_COOL_DOWN = Duration.ZERO;

    private final Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final ModelCloud cloud;
    private final IpamLoop loop = new IpamLoop(1);
    private final SessionId[] sessions;
    private final NodeName[] names;
    private final long[] sequences;
    private List<EniIp> proposed = List.of();

    private BenchmarkIpamLoop(int nodes) {
        cloud = new ModelCloud(nodes * 45);
        sessions = new SessionId[nodes];
        names = new NodeName[nodes];
        sequences = new long[nodes];
        feed(new IpamEvent.ConfigChanged(EniConfig.DEFAULTS));
        for (int i = 0; i < nodes; i++) {
            names[i] = new NodeName("n" + i);
            sessions[i] = new SessionId("session-" + i);
            feed(new IpamEvent.SessionOpened(
                    sessions[i],
                    new Hello(
                            new NodeIdentity(names[i], "uid-" + i, new InstanceId("i-" + i), "ledger-" + i),
                            "boot",
                            0,
                            0,
                            new ZoneId("cn-hangzhou-h"),
                            new InstanceType("ecs.g7.xlarge"))));
            feed(new IpamEvent.LedgerReceived(sessions[i], Ledger.EMPTY));
        }
    }

    public static void main(String[] args) {
        int nodes = args.length > 0 ? Integer.parseInt(args[0]) : 100;
        for (int round = 0; round < 6; round++) {
            System.out.printf("%d nodes: %,.0f pairs per CPU second%n", nodes, new BenchmarkIpamLoop(nodes).run());
        }
    }

    private double run() {
        SandboxKey[] sandboxes = new SandboxKey[PAIRS];
        Holder[] holders = new Holder[PAIRS];
        RequestId[] requests = new RequestId[PAIRS];
        for (int pair = 0; pair < PAIRS; pair++) {
            sandboxes[pair] = new SandboxKey("terway", "c" + pair, "eth0");
            holders[pair] = new Holder(new PodRef("ns", "pod-" + pair), "uid-" + pair);
            requests[pair] = new RequestId("r-" + pair);
        }
        Instant deadline = now.plusSeconds(55);
        long start = cpuNanos();
        for (int pair = 0; pair < PAIRS; pair++) {
            int node = pair % names.length;
            feed(new IpamEvent.Allocate(
                    pair,
                    requests[pair],
                    sessions[node],
                    names[node],
                    sandboxes[pair],
                    holders[pair],
                    IPV4,
                    deadline,
                    Set.of(),
                    Map.of()));
            Binding binding = new Binding(sandboxes[pair], holders[pair], proposed, false, ++sequences[node]);
            feed(new IpamEvent.Report(0, sessions[node], List.of(new LedgerEvent.Bound(binding))));
            feed(new IpamEvent.Report(
                    0,
                    sessions[node],
                    List.of(new LedgerEvent.Released(
                            ++sequences[node],
                            sandboxes[pair],
                            holders[pair],
                            List.of(proposed.getFirst().ip()),
                            NO_COOL_DOWN))));
        }
        return PAIRS * 1e9 / (cpuNanos() - start);
    }

    /** Of this thread: others on the machine do not count. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static final Set<Family> IPV4 = Set.of(Family.IPV4);

    private void feed(IpamEvent event) {
        for (IpamCommand command : loop.step(event, now)) {
            switch (command) {
                case IpamCommand.AnswerAllocate answer ->
                    proposed = ((AllocateOutcome.Proposed) answer.outcome()).addresses();
                case PoolCommand pool -> feed(new IpamEvent.OperationEnded(pool.operation(), cloud.run(pool)));
                case IpamCommand.Describe describe ->
                    feed(new IpamEvent.InstanceSeen(cloud.describe(describe.instance())));
                case IpamCommand.Say _,
                        IpamCommand.EndSession _,
                        IpamCommand.AnswerReport _,
                        IpamCommand.Audit _,
                        IpamCommand.Notice _,
                        IpamCommand.ShowStatus _,
                        IpamCommand.Anchor _,
                        IpamCommand.AnchorPodCidrs _,
                        IpamCommand.StepDown _,
                        FixedCommand _ -> {}
            }
        }
    }
}
