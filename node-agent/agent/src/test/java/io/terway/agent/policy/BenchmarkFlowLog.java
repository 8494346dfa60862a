package io.terway.agent.policy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.agent.denial.Names;
import io.terway.agent.flow.FlowLimits;
import io.terway.agent.flow.FlowLog;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Judge;
import io.terway.node.policy.NodePolicy;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What opening a connection costs with a flow log of one in so many, by pairs of rounds with and without. Needs root. */
final class BenchmarkFlowLog {

    private static final int PAIRS = 7;

    public static void main(String[] args) throws IOException {
        Ip client = Ip.parse("10.0.0.1");
        Ip server = Ip.parse("10.0.0.2");
        try (PacketLab lab = new PacketLab(2);
                ServerSocketChannel listener =
                        NetnsThread.call(lab.namespace(server), () -> BenchmarkEnforcement.listen(server))) {
            PacketLab.script(
                    lab.node,
                    "nft add table inet t; nft add chain inet t c '{ type filter hook postrouting priority 0; }';"
                            + " nft add rule inet t c ct state established accept");
            // No port is used twice: all rounds together take 58,000.
            PacketLab.script(lab.namespace(client), "sysctl -qw net.ipv4.ip_local_port_range='1024 65535'");
            BenchmarkEnforcement.connect(lab, client, server, listener);
            for (int oneIn : new int[] {1, 100}) {
                List<Double> ratios = new ArrayList<>();
                List<Double> plain = new ArrayList<>();
                for (int pair = 0; pair < PAIRS; pair++) {
                    double with;
                    try (FlowLog log = log(lab, oneIn)) {
                        log.start();
                        java.util.concurrent.locks.LockSupport.parkNanos(700_000_000L); // until it listens
                        with = BenchmarkEnforcement.connect(lab, client, server, listener);
                    }
                    double without = BenchmarkEnforcement.connect(lab, client, server, listener);
                    ratios.add(with / without);
                    plain.add(without / BenchmarkEnforcement.CONNECTIONS / 1e3);
                }
                Collections.sort(ratios);
                Collections.sort(plain);
                System.out.printf(
                        "flow log of one in %d: connection set-up %.3f x without (least %.3f, most %.3f), which is %.1f us%n",
                        oneIn, ratios.get(PAIRS / 2), ratios.getFirst(), ratios.getLast(), plain.get(PAIRS / 2));
            }
        }
    }

    private static FlowLog log(PacketLab lab, int oneIn) throws IOException {
        Path directory = Files.createTempDirectory("flows");
        directory.toFile().deleteOnExit();
        return new FlowLog(
                new NodeName("n"),
                new FlowLog.Sources(
                        lab.node,
                        List::of,
                        ip -> Optional.of(new PodLife(new PodRef("ns", "p"), "u")),
                        () -> new Judge(NodePolicy.NONE)),
                new Names(_ -> Optional.empty(), _ -> Optional.of(Map.of()), InstantSource.system()),
                new FlowLimits(oneIn, 10_000, 1 << 20, 1),
                directory,
                new SimpleMeterRegistry());
    }
}
