package io.terway.eni;

import static io.terway.eni.Samples.ENI;
import static io.terway.eni.Samples.FIRST;
import static io.terway.eni.Samples.SECOND;
import static io.terway.eni.Samples.eni;
import static io.terway.eni.Samples.order;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.EniEvent.Absent;
import io.terway.eni.EniEvent.Accepted;
import io.terway.eni.EniEvent.CallFailed;
import io.terway.eni.EniEvent.Created;
import io.terway.eni.EniEvent.Seen;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EniLifecycleTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant DEADLINE = NOW.plusSeconds(60);
    private static final CloudFailure EXHAUSTED = CloudFailure.of("InvalidVSwitchId.IpNotEnough", "full");
    private static final CloudFailure LOST_ANSWER = CloudFailure.of("SDK.ReadTimeout", "");
    private static final CloudFailure INSTANCE_FULL = CloudFailure.of("EniPerInstanceLimitExceeded", "4 of 4");

    private Transition at = EniLifecycle.order(order(), false, DEADLINE);

    private void on(EniEvent... events) {
        for (EniEvent event : events) {
            at = EniLifecycle.on(at.next(), event, NOW);
        }
    }

    private EniCommand command() {
        return at.commands().getFirst();
    }

    @Test
    void aCreatedEniIsAttachedAndAwaited() {
        on(new Created(eni(EniStatus.AVAILABLE)), new Accepted(), new Seen(eni(EniStatus.ATTACHING)));
        on(new Seen(eni(EniStatus.IN_USE)));

        assertEquals(new Transition(new EniState.InUse(eni(EniStatus.IN_USE)), List.of()), at);
    }

    @Test
    void anExhaustedVSwitchHandsOverToTheNext() {
        on(new CallFailed(EXHAUSTED));

        assertEquals(
                SECOND, assertInstanceOf(EniCommand.Create.class, command()).vSwitch());
    }

    @Test
    void theLastExhaustedVSwitchIsTheAnswer() {
        on(new CallFailed(EXHAUSTED), new CallFailed(EXHAUSTED));

        assertEquals(new EniState.Failed(EXHAUSTED), at.next());
    }

    @Test
    void aLostCreateAnswerIsLookedForBeforeAnotherCreate() {
        on(new CallFailed(LOST_ANSWER));

        assertInstanceOf(EniCommand.Find.class, command());
    }

    @Test
    void oneLookWithoutResultIsNotEnoughToCreateAgain() {
        on(new CallFailed(LOST_ANSWER), new Absent());

        assertInstanceOf(EniCommand.Find.class, command());
    }

    @Test
    void twoLooksWithoutResultAllowAnotherCreateInTheSameVSwitch() {
        on(new CallFailed(LOST_ANSWER), new Absent(), new Absent());

        assertEquals(new EniCommand.Create(order(), FIRST, 2), command());
    }

    @Test
    void anEniFoundByItsTagIsAttached() {
        on(new CallFailed(LOST_ANSWER), new Seen(eni(EniStatus.AVAILABLE)));

        assertEquals(new EniCommand.Attach(ENI, order().seat()), command());
    }

    @Test
    void createsThatKeepGettingLostEndAfterTheirBound() {
        for (int round = 1; round <= EniLifecycle.MAX_CREATES; round++) {
            on(new CallFailed(LOST_ANSWER), new Absent(), new Absent());
        }

        assertEquals(new EniState.Failed(LOST_ANSWER), at.next());
    }

    @Test
    void aRepeatedOrderLooksBeforeItCreates() {
        Transition repeated = EniLifecycle.order(order(), true, DEADLINE);

        assertInstanceOf(EniCommand.Find.class, repeated.commands().getFirst());
    }

    @Test
    void anEniThatCannotBeAttachedIsDeleted() {
        on(new Created(eni(EniStatus.AVAILABLE)), new CallFailed(INSTANCE_FULL));

        assertEquals(new EniCommand.Delete(ENI), command());
    }

    @Test
    void theCauseOfACleanupIsTheAnswer() {
        on(new Created(eni(EniStatus.AVAILABLE)), new CallFailed(INSTANCE_FULL), new Accepted(), new Absent());

        assertEquals(new EniState.Failed(INSTANCE_FULL), at.next());
    }

    @Test
    void anAttachThatDidNothingIsIssuedAgainAfterTheLag() {
        on(new Created(eni(EniStatus.AVAILABLE)), new CallFailed(LOST_ANSWER));
        on(new Seen(eni(EniStatus.AVAILABLE)), new Seen(eni(EniStatus.AVAILABLE)), new Seen(eni(EniStatus.AVAILABLE)));

        assertEquals(new EniCommand.Attach(ENI, order().seat()), command());
    }

    @Test
    void removalDetachesThenDeletes() {
        at = EniLifecycle.remove(eni(EniStatus.IN_USE), DEADLINE);
        on(new Accepted(), new Seen(eni(EniStatus.DETACHING)), new Seen(eni(EniStatus.AVAILABLE)));

        assertEquals(new EniCommand.Delete(ENI), command());
    }

    @Test
    void removalEndsWhenTheEniIsNoLongerListed() {
        at = EniLifecycle.remove(eni(EniStatus.AVAILABLE), DEADLINE);
        on(new Accepted(), new Seen(eni(EniStatus.DELETING)), new Absent());

        assertEquals(new EniState.Gone(ENI), at.next());
    }

    @Test
    void aStuckDetachIsIssuedAgain() {
        at = EniLifecycle.remove(eni(EniStatus.IN_USE), DEADLINE);
        on(new Accepted());
        int detaches = 0;
        for (int look = 0; look < EniRemoval.REISSUE_EVERY; look++) {
            on(new Seen(eni(EniStatus.IN_USE)));
            detaches += command() instanceof EniCommand.Detach ? 1 : 0;
        }

        assertEquals(1, detaches);
    }

    @Test
    void aMissingPermissionEndsARemovalAtOnce() {
        at = EniLifecycle.remove(eni(EniStatus.IN_USE), DEADLINE);
        on(new CallFailed(CloudFailure.of("Forbidden.RAM", "DetachNetworkInterface")));

        assertTrue(at.next().terminal());
    }

    @Test
    void aTerminalStateTakesNoEvent() {
        EniState done = new EniState.Gone(ENI);

        assertThrows(IllegalStateException.class, () -> EniLifecycle.on(done, new Absent(), NOW));
    }
}
