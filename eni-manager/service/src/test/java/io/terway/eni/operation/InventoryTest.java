package io.terway.eni.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Attachment;
import io.terway.eni.ClusterTags;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniStatus;
import io.terway.eni.EniType;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import io.terway.eni.VpcId;
import io.terway.eni.time.MachineTime;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class InventoryTest {

    private static final InstanceId NODE = new InstanceId("i-1");
    private static final EniId ENI = new EniId("eni-1");
    private static final InstanceType TYPE = new InstanceType("ecs.g7.xlarge");

    private final Inventory inventory = new Inventory(new ClusterTags("c1"), new MachineTime());

    private static NetworkInterface eni(int addresses) {
        List<Ip> secondary = new ArrayList<>();
        for (int i = 0; i < addresses; i++) {
            secondary.add(Ip.parse("10.0.0." + (20 + i)));
        }
        return new NetworkInterface(
                ENI,
                EniType.SECONDARY,
                EniStatus.IN_USE,
                Mac.parse("00:16:3e:00:00:01"),
                new VSwitchId("vsw-1"),
                new ZoneId("z"),
                Ip.parse("10.0.0.10"),
                secondary,
                List.of(),
                List.of(),
                new Attachment.OnInstance(NODE),
                Map.of(ClusterTags.CLUSTER, "c1"),
                Instant.EPOCH);
    }

    private static ComputeInstance instance() {
        return instance(NODE.value());
    }

    private static ComputeInstance instance(String id) {
        return new ComputeInstance(
                new InstanceId(id),
                TYPE,
                new ZoneId("z"),
                "r",
                new VpcId("vpc-1"),
                "Running",
                new VSwitchId("vsw-0"),
                List.of(new SecurityGroupId("sg-1")));
    }

    /** A listing that begins now, with every grace over. */
    private static long late() {
        return System.nanoTime() + 2 * Inventory.GRACE.toNanos();
    }

    @Test
    void aListingThatMayBeOlderThanOurOwnChangeDoesNotUndoIt() {
        inventory.seen(eni(3));

        inventory.listed(List.of(eni(1)), System.nanoTime());

        assertEquals(Optional.of(eni(3)), inventory.find(ENI));
    }

    @Test
    void aLaterListingIsBelieved() {
        inventory.seen(eni(3));

        inventory.listed(List.of(eni(1)), late());

        assertEquals(Optional.of(eni(1)), inventory.find(ENI));
    }

    @Test
    void oneListingWithoutAnEniIsNotBelieved() {
        inventory.seen(eni(1));

        inventory.listed(List.of(), late());

        assertTrue(inventory.find(ENI).isPresent());
    }

    @Test
    void twoListingsWithoutAnEniAre() {
        inventory.seen(eni(1));
        inventory.listed(List.of(), late());

        inventory.listed(List.of(), late());

        assertFalse(inventory.find(ENI).isPresent());
    }

    @Test
    void anInstanceIsReleasedAfterTwoSightingsOfItsAbsence() {
        inventory.read(instance());
        inventory.limits(List.of(new InstanceLimits(TYPE, 4, 15, 15, 6, true)));
        inventory.missed(NODE);
        boolean once = inventory.view(NODE).orElseThrow().released();

        inventory.missed(NODE);

        assertFalse(once);
        assertTrue(inventory.view(NODE).orElseThrow().released());
    }

    @Test
    void aReleasedInstanceIsForgottenAfterAWhile() {
        inventory.read(instance());
        inventory.missed(NODE);
        inventory.missed(NODE);
        inventory.forgetReleased(System.nanoTime(), Inventory.RELEASED_KEPT);
        assertEquals(Set.of(NODE), inventory.ids());

        inventory.forgetReleased(System.nanoTime() + Inventory.RELEASED_KEPT.toNanos(), Inventory.RELEASED_KEPT);

        assertEquals(Set.of(), inventory.ids());
    }

    @Test
    void aReleasedInstanceThatStillHasAnEniIsNotForgotten() {
        inventory.read(instance());
        inventory.seen(eni(1));
        inventory.missed(NODE);
        inventory.missed(NODE);

        inventory.forgetReleased(System.nanoTime() + Inventory.RELEASED_KEPT.toNanos(), Inventory.RELEASED_KEPT);

        assertEquals(Set.of(NODE), inventory.ids());
    }

    @Test
    void aFullInventoryMakesRoomByForgettingReleasedInstances() {
        for (int i = 0; i < Inventory.MAX_INSTANCES; i++) {
            inventory.read(instance("i-" + (i + 1)));
        }
        inventory.missed(NODE);
        inventory.missed(NODE);

        inventory.read(instance("i-new"));

        assertTrue(inventory.ids().contains(new InstanceId("i-new")));
        assertFalse(inventory.ids().contains(NODE));
    }

    @Test
    void listenersHearOfChangesOnly() {
        List<InstanceId> heard = new ArrayList<>();
        inventory.listen(heard::add);
        inventory.seen(eni(1));
        inventory.seen(eni(1));

        inventory.seen(eni(2));

        assertEquals(List.of(NODE, NODE), heard);
    }
}
