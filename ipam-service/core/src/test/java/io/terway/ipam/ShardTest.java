package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.Sharding;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a loop does that serves a part of the nodes, and what it leaves to others. */
class ShardTest {

    private static final ZoneId ZONE = new ZoneId("zone-h");
    private static final Sharding TWO = Sharding.parse("*=0,1");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void anAgentOfAnotherShardIsToldWhereToGo() {
        IpamLoop loop = loop(0);
        ModelAgent foreign = agent(1, 0);

        List<IpamCommand> said = hello(loop, foreign);

        var end = assertInstanceOf(IpamCommand.EndSession.class, said.getFirst());
        assertEquals(IpamCommand.End.OTHER_SHARD, end.end());
        assertEquals(
                "node " + foreign.name + " in zone " + foreign.zone + " is served by shard 1 of ipam-service (Lease "
                        + "terway-ipam-1); its agent was started with another terway.shards than this one",
                end.reason());
        assertEquals(0, loop.nodeCount());
    }

    @Test
    void anAgentOfOursIsServed() {
        IpamLoop loop = loop(1);

        hello(loop, agent(1, 0));

        assertEquals(1, loop.nodeCount());
    }

    @Test
    void aQuotaHoldsForAllShardsTogether() {
        IpamLoop loop = loop(0);
        ModelAgent agent = agent(0, 0);
        hello(loop, agent);
        step(loop, new IpamEvent.NamespaceSeen("shop", OptionalInt.of(3)));
        step(loop, new IpamEvent.PodsElsewhere("shop", 3));

        AllocateOutcome refused = allocate(loop, agent);
        step(loop, new IpamEvent.PodsElsewhere("shop", 2));
        AllocateOutcome waits = allocate(loop, agent);

        assertEquals(
                AllocateOutcome.Why.QUOTA,
                assertInstanceOf(AllocateOutcome.Refused.class, refused).why());
        assertInstanceOf(AllocateOutcome.Pending.class, waits);
    }

    @Test
    void shardsThatCarvePodCidrsAtTheSameTimeNeverTakeTheSame() {
        Map<String, Object> vpc = Map.of("network_mode", "VPC", "pod_cidr", "10.64.0.0/20", "node_cidr_mask", 24);
        Set<Cidr> carved = new HashSet<>();

        for (int shard = 0; shard < 2; shard++) {
            IpamLoop loop = loop(shard);
            step(
                    loop,
                    new IpamEvent.ConfigChanged(
                            ((ConfigReading.Accepted) EniConfigReader.read(vpc, Map.of())).config()));
            for (int i = 0; i < 8; i++) {
                ModelAgent agent = agent(shard, i);
                step(
                        loop,
                        new IpamEvent.NodeSeen(
                                agent.name,
                                "uid-" + agent.name,
                                Optional.of(agent.instance),
                                Optional.empty(),
                                PoolOverride.NONE));
                hello(loop, agent).stream()
                        .filter(IpamCommand.AnchorPodCidrs.class::isInstance)
                        .map(IpamCommand.AnchorPodCidrs.class::cast)
                        .forEach(anchor ->
                                anchor.cidrs().forEach(cidr -> assertTrue(carved.add(cidr), cidr + " is given twice")));
            }
        }

        assertEquals(16, carved.size(), "and the whole of it is used");
    }

    @Test
    void aFixedAddressThatAnotherShardLooksAfterIsAskedForAndNotTaken() {
        IpamLoop loop = loop(0);
        ModelAgent agent = agent(0, 0);
        hello(loop, agent);
        step(loop, new IpamEvent.PodNetInfoSeen(kept(agent(1, 0).name)));

        AllocateOutcome outcome = allocate(loop, agent, FixedRig.FIXED);

        var pending = assertInstanceOf(AllocateOutcome.Pending.class, outcome);
        assertTrue(
                pending.reason().contains("which shard 1 of ipam-service (Lease terway-ipam-1) serves"),
                pending.reason());
    }

    @Test
    void onlyTheShardOfItsNodeCountsForHowLongNobodyWantsAFixedAddress() {
        NodeName node = agent(1, 0).name;
        for (int shard = 0; shard < 2; shard++) {
            IpamLoop loop = loop(shard);
            List<IpamCommand> said = new ArrayList<>();
            said.addAll(step(loop, new IpamEvent.PodNetInfoSeen(kept(node))));
            said.addAll(step(loop, new IpamEvent.PodWanted(new PodRef("shop", "pod-0"), false)));
            now = now.plus(Duration.ofDays(8));
            said.addAll(step(loop, new IpamEvent.Tick()));

            boolean speaks = said.stream().anyMatch(FixedCommand.class::isInstance);
            assertEquals(shard == 1, speaks, "shard " + shard + " said " + said);
        }
    }

    @Test
    void everyNodeIsServedByExactlyOneShard() {
        for (int i = 0; i < 1_000; i++) {
            NodeName node = new NodeName("node-" + i);
            long servedBy = IntStream.range(0, 2)
                    .filter(shard -> new Shard(TWO, shard).serves(ZONE, node))
                    .count();
            assertEquals(1, servedBy, node.toString());
        }
        assertFalse(Shard.WHOLE.isPart());
    }

    private static FixedAddress kept(NodeName node) {
        return new FixedAddress(
                new PodRef("shop", "pod-0"),
                "object",
                List.of(Ip.parse("10.0.64.9")),
                new VSwitchId("vsw-1"),
                agent(1, 0).zone,
                Optional.of(
                        new FixedAddress.Place(node, new InstanceId("i-x"), new EniId("eni-x"), new Mac(7), List.of())),
                Attachment.SHARED,
                new Retention(Optional.of(Duration.ofDays(7))),
                Duration.ZERO);
    }

    private IpamLoop loop(int shard) {
        IpamLoop loop = new IpamLoop(1, FixedSettings.DEFAULTS, new Shard(TWO, shard));
        step(
                loop,
                new IpamEvent.ConfigChanged(
                        ((ConfigReading.Accepted) EniConfigReader.read(Map.of(), Map.of())).config()));
        return loop;
    }

    /** The i-th node that this shard serves. */
    private static ModelAgent agent(int shard, int i) {
        return IntStream.range(0, 1_000)
                .mapToObj(number -> new ModelAgent("node-" + number))
                .filter(agent -> TWO.of(agent.zone, agent.name.value()) == shard)
                .skip(i)
                .findFirst()
                .orElseThrow();
    }

    private List<IpamCommand> hello(IpamLoop loop, ModelAgent agent) {
        Hello hello = agent.hello(); // begins a session
        List<IpamCommand> said = new ArrayList<>(step(loop, new IpamEvent.SessionOpened(agent.session, hello)));
        said.addAll(step(loop, new IpamEvent.LedgerReceived(agent.session, agent.ledger(now))));
        said.addAll(step(
                loop,
                new IpamEvent.InstanceSeen(new CloudInstance(
                        agent.instance,
                        new io.terway.net.InstanceType("ecs.g7.4xlarge"),
                        agent.zone,
                        false,
                        new InstanceLimits(8, 30, 30),
                        List.of(),
                        Optional.of(new VSwitchId("vsw-1")),
                        List.of()))));
        return said;
    }

    private AllocateOutcome allocate(IpamLoop loop, ModelAgent agent) {
        return allocate(loop, agent, Map.of());
    }

    private AllocateOutcome allocate(IpamLoop loop, ModelAgent agent, Map<String, String> annotations) {
        return step(
                        loop,
                        new IpamEvent.Allocate(
                                1,
                                new RequestId("r"),
                                agent.session,
                                agent.name,
                                ModelAgent.sandbox(0),
                                new Holder(new PodRef("shop", "pod-0"), "uid"),
                                Set.of(io.terway.net.Family.IPV4),
                                now.plusSeconds(60),
                                Set.of(),
                                annotations))
                .stream()
                .filter(IpamCommand.AnswerAllocate.class::isInstance)
                .map(command -> ((IpamCommand.AnswerAllocate) command).outcome())
                .findFirst()
                .orElseThrow();
    }

    private List<IpamCommand> step(IpamLoop loop, IpamEvent event) {
        return loop.step(event, now);
    }
}
