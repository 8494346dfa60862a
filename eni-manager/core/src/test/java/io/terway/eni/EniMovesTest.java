package io.terway.eni;

import static io.terway.eni.Samples.ENI;
import static io.terway.eni.Samples.eni;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Attaching and detaching ENIs that are kept, and members of trunks. */
final class EniMovesTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant DEADLINE = NOW.plusSeconds(60);
    private static final InstanceId OTHER = new InstanceId("i-2");
    private static final Seat HERE = new Seat.OnInstance(Samples.INSTANCE);
    private static final Seat ON_TRUNK = new Seat.OnTrunk(Samples.INSTANCE, new EniId("eni-trunk"));

    private static NetworkInterface member(int vlan) {
        NetworkInterface eni = eni(EniStatus.IN_USE);
        return new NetworkInterface(
                eni.id(),
                EniType.MEMBER,
                eni.status(),
                eni.mac(),
                eni.vSwitch(),
                eni.zone(),
                eni.primaryAddress(),
                eni.addresses(),
                eni.prefixes(),
                eni.groups(),
                new Attachment.OnTrunk(Samples.INSTANCE, new EniId("eni-trunk"), vlan),
                eni.tags(),
                eni.created());
    }

    @Test
    void aKeptEniThatCannotBeAttachedIsNotDeleted() {
        Transition at = EniLifecycle.attach(eni(EniStatus.AVAILABLE), HERE, DEADLINE);
        CloudFailure full = CloudFailure.of("EniPerInstanceLimitExceeded", "4 of 4");

        at = EniLifecycle.on(at.next(), new EniEvent.CallFailed(full), NOW);

        assertEquals(Transition.end(new EniState.Failed(full)), at);
    }

    @Test
    void oneInUseElsewhereIsRefusedAtOnce() {
        Transition at = EniLifecycle.attach(eni(EniStatus.IN_USE), new Seat.OnInstance(OTHER), DEADLINE);

        assertTrue(assertInstanceOf(EniState.Failed.class, at.next())
                .cause()
                .message()
                .contains("i-1"));
    }

    @Test
    void aMemberIsDoneOnlyWithItsVlan() {
        Transition at = EniLifecycle.attach(eni(EniStatus.AVAILABLE), ON_TRUNK, DEADLINE);
        assertEquals(new EniCommand.Attach(ENI, ON_TRUNK), at.commands().getFirst());
        at = EniLifecycle.on(at.next(), new EniEvent.Accepted(), NOW);

        at = EniLifecycle.on(at.next(), new EniEvent.Seen(member(0)), NOW);
        assertInstanceOf(EniState.Attaching.class, at.next());
        at = EniLifecycle.on(at.next(), new EniEvent.Seen(member(7)), NOW);

        assertEquals(new EniState.InUse(member(7)), at.next());
    }

    @Test
    void aMembersDetachNamesItsTrunk() {
        Transition at = EniLifecycle.remove(member(7), DEADLINE);

        assertEquals(List.of(new EniCommand.Detach(ENI, ON_TRUNK)), at.commands());
    }

    @Test
    void aDetachedEniIsKept() {
        Transition at = EniLifecycle.detach(eni(EniStatus.IN_USE), Samples.INSTANCE, DEADLINE);
        at = EniLifecycle.on(at.next(), new EniEvent.Accepted(), NOW);

        at = EniLifecycle.on(at.next(), new EniEvent.Seen(eni(EniStatus.AVAILABLE)), NOW);

        assertEquals(new EniState.Parked(eni(EniStatus.AVAILABLE)), at.next());
    }

    @Test
    void aLateDetachOfTheOldInstanceChangesNothing() {
        Transition at = EniLifecycle.detach(eni(EniStatus.IN_USE), OTHER, DEADLINE);

        assertEquals(Transition.end(new EniState.Parked(eni(EniStatus.IN_USE))), at);
    }
}
