package io.terway.ipam;

import io.terway.net.SandboxKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Allocate, bind and release through the loop alone, over many nodes. Run its main; prints pairs per second. */
final class BenchmarkIpamLoop {

    private static final int PAIRS = 400_000;

    private BenchmarkIpamLoop() {}

    public static void main(String[] args) {
        int nodes = args.length > 0 ? Integer.parseInt(args[0]) : 100;
        for (int round = 0; round < 5; round++) {
            System.out.printf("%d nodes: %,.0f pairs/s%n", nodes, run(nodes));
        }
    }

    private static double run(int nodes) {
        Instant now = Instant.EPOCH;
        ModelCloud cloud = new ModelCloud(nodes * 12);
        IpamLoop loop = new IpamLoop(1);
        loop.step(new IpamEvent.ConfigChanged(EniConfig.DEFAULTS), now);
        List<ModelAgent> agents = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            ModelAgent agent = new ModelAgent("n" + i);
            agents.add(agent);
            loop.step(new IpamEvent.SessionOpened(new SessionId("n" + i + "-1"), agent.hello()), now);
            loop.step(new IpamEvent.LedgerReceived(agent.session, Ledger.EMPTY), now);
            for (IpamCommand command : loop.step(new IpamEvent.InstanceSeen(cloud.describe(agent.instance)), now)) {
                if (command instanceof PoolCommand pool) {
                    loop.step(new IpamEvent.OperationEnded(pool.operation(), cloud.run(pool)), now);
                }
            }
        }
        long start = System.nanoTime();
        for (int pair = 0; pair < PAIRS; pair++) {
            ModelAgent agent = agents.get(pair % nodes);
            SandboxKey sandbox = ModelAgent.sandbox(pair);
            var answer =
                    (IpamCommand.AnswerAllocate) loop.step(agent.ask(pair, sandbox, now.plusSeconds(60), Set.of()), now)
                            .getFirst();
            agent.commit(sandbox, ((AllocateOutcome.Proposed) answer.outcome()).addresses());
            loop.step(agent.report(), now);
            agent.release(sandbox, now, Duration.ZERO);
            loop.step(agent.report(), now);
            agent.cooling.clear();
        }
        return PAIRS * 1e9 / (System.nanoTime() - start);
    }
}
