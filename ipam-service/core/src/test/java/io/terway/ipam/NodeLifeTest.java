package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a Node's annotations and label change, and which machine may speak under its name. */
class NodeLifeTest {

    private final NodeRig rig = NodeRig.of(new ModelCloud(200), Map.of("min_pool_size", 5, "max_pool_size", 10));

    private void seen(PoolOverride override, Optional<String> configName) {
        rig.feed(new IpamEvent.NodeSeen(
                rig.agent.name,
                "uid-" + rig.agent.name,
                Optional.of(rig.agent.instance),
                Optional.of(rig.agent.ledgerId),
                override,
                List.of(),
                configName,
                false));
    }

    private static PoolOverride sizes(int min, int max) {
        return new PoolOverride(OptionalInt.of(min), OptionalInt.of(max));
    }

    private NodeView view() {
        return rig.loop.view(rig.agent.name).orElseThrow();
    }

    private static EniConfig config(Map<String, Object> eniConf) {
        return ((ConfigReading.Accepted) EniConfigReader.read(eniConf, Map.of())).config();
    }

    @Test
    void annotationsOfTheNodeSetItsPoolAtOnceAndTheirEndTakesItBack() {
        assertEquals(5, rig.agent.offered.size());

        seen(sizes(8, 12), Optional.empty());

        assertEquals(8, rig.agent.offered.size());
        assertEquals(12, view().maxPoolSize());
        seen(PoolOverride.NONE, Optional.empty());
        assertEquals(5, view().minPoolSize());
        assertEquals(10, view().maxPoolSize());
    }

    @Test
    void aSizeAboveWhatTheInstanceHoldsIsClampedWithAnEvent() {
        seen(sizes(1, 9_999), Optional.empty());

        assertEquals(view().capacity(), view().maxPoolSize());
        assertTrue(rig.noticed("PoolSizeClamped"));
    }

    @Test
    void aLabelledNodeFollowsItsOwnConfigurationUntilTheLabelIsGone() {
        EniConfig cluster = config(Map.of("min_pool_size", 5, "max_pool_size", 10));
        EniConfig edge = config(Map.of("min_pool_size", 2, "max_pool_size", 3));
        rig.feed(new IpamEvent.ConfigChanged(cluster, Map.of("edge", edge)));
        assertEquals(5, view().minPoolSize(), "others keep the cluster's");

        seen(PoolOverride.NONE, Optional.of("edge"));

        assertEquals(2, view().minPoolSize());
        assertEquals(3, rig.agent.offered.size(), "what is idle above its ceiling went back");
        seen(PoolOverride.NONE, Optional.of("nobody-has-this"));
        assertEquals(5, view().minPoolSize(), "a ConfigMap that is not there changes nothing");
        seen(PoolOverride.NONE, Optional.empty());
        assertEquals(5, view().minPoolSize());
    }

    /** What the leader says to a machine that introduces itself. */
    private List<IpamCommand> hello(NodeName name, String uid, String instance, String ledger) {
        Hello hello = new Hello(
                new NodeIdentity(name, uid, new InstanceId(instance), ledger),
                "boot",
                0,
                0,
                new ZoneId("cn-hangzhou-h"),
                new InstanceType("ecs.g7.xlarge"));
        var session = new SessionId("s-" + instance);
        List<IpamCommand> said = new ArrayList<>(rig.loop.step(new IpamEvent.SessionOpened(session, hello), rig.now));
        said.addAll(rig.loop.step(new IpamEvent.LedgerReceived(session, Ledger.EMPTY), rig.now));
        return said;
    }

    private static Optional<String> refusal(List<IpamCommand> said) {
        return said.stream()
                .filter(IpamCommand.EndSession.class::isInstance)
                .map(command -> ((IpamCommand.EndSession) command).reason())
                .findFirst();
    }

    @Test
    void aClonedDiskIsToldFromTheNodeItWasTakenFrom() {
        var said = hello(new NodeName("n2"), "uid-n2", "i-n2", rig.agent.ledgerId);

        assertTrue(refusal(said).orElseThrow().contains("belongs to node n1; the disk was cloned"), said.toString());
        assertEquals(1, rig.loop.nodeCount());
    }

    @Test
    void aNodeNameWithANewInstanceIsBelievedOnceTheFormerOneIsGone() {
        rig.add(1);
        rig.feed(new IpamEvent.SessionClosed(rig.agent.session));
        NodeName name = rig.agent.name;
        rig.feed(new IpamEvent.NodeSeen(
                name, "uid-new", Optional.of(new InstanceId("i-new")), Optional.empty(), PoolOverride.NONE));
        var early = hello(name, "uid-new", "i-new", "ledger-new");
        assertTrue(refusal(early).orElseThrow().contains("believed once the former instance is released"));

        rig.cloud.release(rig.agent.instance);
        rig.feed(new IpamEvent.InstanceSeen(rig.cloud.describe(rig.agent.instance)));
        rig.now = rig.now.plus(CloudSide.SECOND_SIGHT);
        rig.feed(new IpamEvent.InstanceSeen(rig.cloud.describe(rig.agent.instance)));

        assertEquals(Optional.empty(), refusal(hello(name, "uid-new", "i-new", "ledger-new")));
        assertFalse(view().addresses().stream().anyMatch(line -> line.state() instanceof AddressState.Bound));
        assertEquals(new InstanceId("i-new"), view().instance());
    }
}
