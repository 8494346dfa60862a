package io.terway.eni.sim.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EniLifecycleTest {

    private static final Duration TICK = Duration.ofMillis(399);

    private final LabCloud lab = LabCloud.quick();
    private final EniLifecycle lifecycle = lab.cloud.lifecycle();

    private void attach(EniId id) {
        lifecycle.attach(id, LabCloud.NODE, Optional.empty(), 0, lab.now);
    }

    private static String refusal(Runnable call) {
        return assertThrows(Refusal.class, call::run).code();
    }

    @Test
    void attachDetachAndDeleteTakeTheirTime() {
        EniId id = lab.create(EniKind.SECONDARY, LabCloud.PODS, 3).id();
        assertEquals("Available", lab.status(id));
        attach(id);
        lab.pass(TICK);
        assertEquals("Attaching", lab.status(id));
        lab.pass(Duration.ofMillis(1));
        assertEquals("InUse", lab.status(id));
        lifecycle.detach(id, LabCloud.NODE, lab.now);
        assertEquals("Detaching", lab.status(id));
        lab.pass(Duration.ofMillis(400));
        assertEquals("Available", lab.status(id));
        long before = lab.cloud.network().freeAddresses(LabCloud.PODS);
        lifecycle.delete(id, lab.now);
        assertEquals("Deleting", lab.status(id));
        lab.pass(Duration.ofMillis(200));
        assertEquals("gone", lab.status(id));
        assertEquals(before + 4, lab.cloud.network().freeAddresses(LabCloud.PODS));
    }

    @Test
    void eachStateRefusesWhatTheTableSays() {
        EniId id = lab.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
        String wrong = "InvalidOperation.InvalidEniState";
        assertEquals(wrong, refusal(() -> lifecycle.detach(id, LabCloud.NODE, lab.now)));
        attach(id);
        assertEquals(wrong, refusal(() -> attach(id)));
        assertEquals(wrong, refusal(() -> lifecycle.delete(id, lab.now)));
        assertEquals(wrong, refusal(() -> lab.cloud.addresses().assign(id, AddressRequest.count(false, 1), lab.now)));
        lab.pass(Duration.ofSeconds(1));
        assertEquals(wrong, refusal(() -> attach(id)));
        assertEquals(wrong, refusal(() -> lifecycle.delete(id, lab.now)));
        lifecycle.detach(id, LabCloud.NODE, lab.now);
        lifecycle.detach(id, LabCloud.NODE, lab.now);
        assertEquals(wrong, refusal(() -> attach(id)));
    }

    @Test
    void stuckAttachEndsWhenIssuedAgain() {
        EniId id = lab.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
        lab.cloud.conditions().stuck(true, false);
        attach(id);
        lab.pass(Duration.ofHours(1));
        assertEquals("Attaching", lab.status(id));
        lab.cloud.conditions().stuck(false, false);
        attach(id);
        lab.pass(Duration.ofSeconds(1));
        assertEquals("InUse", lab.status(id));
    }

    @Test
    void instanceHoldsAsManyAsItsTypeAllows() {
        for (int i = 0; i < 3; i++) {
            lab.attached(EniKind.SECONDARY, 0);
        }
        EniId fourth = lab.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
        assertEquals("EniPerInstanceLimitExceeded", refusal(() -> attach(fourth)));
    }

    @Test
    void attachRefusesOtherZonesTooManyAddressesAndUnknownInstances() {
        EniId elsewhere =
                lab.create(EniKind.SECONDARY, LabCloud.PODS_ELSEWHERE, 0).id();
        assertEquals("InvalidOperation.AvailabilityZoneMismatch", refusal(() -> attach(elsewhere)));
        EniId full = lab.create(EniKind.SECONDARY, LabCloud.PODS, 15).id();
        assertEquals("InvalidOperation.Ipv4CountExceeded", refusal(() -> attach(full)));
        InstanceId nobody = new InstanceId("i-nobody");
        assertEquals(
                "InvalidEcsId.NotFound", refusal(() -> lifecycle.attach(full, nobody, Optional.empty(), 0, lab.now)));
    }

    @Test
    void primaryIsNeitherAttachedNorDetached() {
        EniId primary = lab.cloud.instances().get(LabCloud.NODE).primaryEni();
        assertEquals(
                "InvalidOperation.DetachPrimaryEniNotAllowed",
                refusal(() -> lifecycle.detach(primary, LabCloud.NODE, lab.now)));
    }

    @Test
    void membersGetUniqueVlansUpToTheTypesLimit() {
        LabCloud big = new LabCloud("ecs.g7.2xlarge", Latencies.none(), false);
        EniId trunk = big.attached(EniKind.TRUNK, 0);
        for (int i = 1; i <= 6; i++) {
            EniId member = big.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
            big.cloud.lifecycle().attach(member, LabCloud.NODE, Optional.of(trunk), 0, big.now);
            big.pass(Duration.ZERO);
            assertEquals("Member", big.cloud.enis().get(member).wireType());
            assertEquals(
                    new Attachment.Member(LabCloud.NODE, trunk, i),
                    big.cloud.enis().get(member).attachment().orElseThrow());
        }
        EniId seventh = big.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
        assertEquals(
                "EniPerInstanceLimitExceeded",
                refusal(() -> big.cloud.lifecycle().attach(seventh, LabCloud.NODE, Optional.of(trunk), 0, big.now)));
        assertEquals(
                "InvalidOperation.InvalidEniType",
                refusal(() -> big.cloud.lifecycle().detach(trunk, LabCloud.NODE, big.now)));
    }

    @Test
    void releasedInstanceTakesItsInterfacesAlong() {
        EniId id = lab.attached(EniKind.SECONDARY, 2);
        EniId primary = lab.cloud.instances().get(LabCloud.NODE).primaryEni();
        lab.cloud.release(LabCloud.NODE);
        assertEquals("gone", lab.status(id));
        assertEquals("gone", lab.status(primary));
        assertTrue(lab.cloud.instances().find(LabCloud.NODE).isEmpty());
        assertEquals(4092, lab.cloud.network().freeAddresses(LabCloud.PODS));
    }

    @Test
    void stoppedInstanceTakesInterfacesAndAPendingOneDoesNot() {
        EniId id = lab.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
        lab.cloud.setStatus(LabCloud.NODE, Instance.Status.STARTING);
        assertEquals("InvalidOperation.InvalidEcsState", refusal(() -> attach(id)));
        lab.cloud.setStatus(LabCloud.NODE, Instance.Status.STOPPED);
        attach(id);
        assertEquals("Attaching", lab.status(id));
    }

    @Test
    void dataPlaneDecidesWhenPluggingIsDone() {
        LabCloud carried = new LabCloud("ecs.g7.xlarge", Latencies.none(), true);
        EniId id = carried.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
        carried.cloud.lifecycle().attach(id, LabCloud.NODE, Optional.empty(), 0, carried.now);
        carried.pass(Duration.ofMinutes(1));
        assertEquals("Attaching", carried.status(id));
        assertTrue(carried.cloud.enis().get(id).plugged().isPresent());
        carried.cloud.confirm(carried.cloud.unconfirmed());
        assertEquals("InUse", carried.status(id));
    }

    @Test
    void laggingReadsShowWhatWas() {
        lab.cloud.conditions().latencies(Latencies.ofMillis(0, 0, 0, 0, 0, 0, 500, 0));
        EniId id = lab.create(EniKind.SECONDARY, LabCloud.PODS, 0).id();
        Duration lag = Duration.ofMillis(500);
        assertTrue(lab.cloud.seen(id, lag).isEmpty());
        lab.pass(Duration.ofMillis(499));
        assertTrue(lab.cloud.seen(id, lag).isEmpty());
        lab.pass(Duration.ofMillis(1));
        assertTrue(lab.cloud.seen(id, lag).isPresent());
        lifecycle.delete(id, lab.now);
        lab.pass(Duration.ofMillis(1));
        assertEquals("gone", lab.status(id));
        assertEquals(3, lab.cloud.seenAfter("", lag).size());
        lab.pass(Duration.ofSeconds(2));
        assertEquals(2, lab.cloud.seenAfter("", lag).size());
    }
}
