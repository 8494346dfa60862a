package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.node.policy.DenialLog;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.node.policy.GeneratedPolicy;
import io.terway.node.policy.Judge;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PolicyTable;
import io.terway.node.policy.TablePlanner;
import io.terway.node.policy.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Generated policies, in the kernel, with packets: what the judge says happens. */
class PolicyPacketsPrivilegedIT {

    private static final int HOSTS = 6;
    private static final int PODS = 3;
    private static final int POLICIES = 6 * Integer.getInteger("test.scale", 1);

    private final PacketLab lab = new PacketLab(HOSTS);
    private final NftKernel kernel = new NftKernel(lab.node);

    @AfterEach
    void leaveNothing() {
        kernel.close();
        lab.close();
    }

    @Test
    void packetsGoWhereTheJudgeSays() {
        lab.listen(GeneratedPolicy.PORTS);
        PolicyTable writer = new PolicyTable(new DenialLog(7, 10), io.terway.node.policy.TablePlace.NODE);
        NftTable observed = NftTable.ABSENT;
        int denied = 0;
        for (int seed = 0; seed < POLICIES; seed++) {
            NodePolicy policy = GeneratedPolicy.of(new Random(seed), lab.addresses(), PODS);
            NftTable wanted = writer.of(policy);
            TablePlanner.plan(wanted, observed).forEach(kernel::apply);
            assertEquals(wanted, kernel.read(), "the kernel shows what was asked for, seed " + seed);
            observed = wanted;
            Judge judge = new Judge(policy);

            List<PacketLab.Attempt> attempts = attempts();
            Set<PacketLab.Attempt> passed = lab.passing(attempts, a -> passes(judge, a));

            Set<PacketLab.Attempt> expected = new HashSet<>(
                    attempts.stream().filter(a -> passes(judge, a)).toList());
            assertEquals(expected, passed, "seed " + seed);
            denied += attempts.size() - expected.size();
            lab.forgetConnections();
        }
        assertTrue(denied > POLICIES * 100, "denied only " + denied);
    }

    private static boolean passes(Judge judge, PacketLab.Attempt a) {
        Flow flow = new Flow(a.from(), a.to(), a.transport().number(), a.port());
        return judge.judge(Direction.EGRESS, flow).passes()
                && judge.judge(Direction.INGRESS, flow).passes();
    }

    private List<PacketLab.Attempt> attempts() {
        List<PacketLab.Attempt> attempts = new ArrayList<>();
        for (Ip from : lab.addresses()) {
            for (Ip to : lab.addresses()) {
                if (from.family() == to.family() && !from.equals(to)) {
                    for (int port : GeneratedPolicy.PORTS) {
                        attempts.add(new PacketLab.Attempt(from, to, Transport.TCP, port));
                        attempts.add(new PacketLab.Attempt(from, to, Transport.UDP, port));
                    }
                }
            }
        }
        return attempts;
    }
}
