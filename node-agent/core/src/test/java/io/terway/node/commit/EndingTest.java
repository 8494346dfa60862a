package io.terway.node.commit;

import static io.terway.node.ledger.Samples.ENI_A;
import static io.terway.node.ledger.Samples.at;
import static io.terway.node.ledger.Samples.binding;
import static io.terway.node.ledger.Samples.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.node.ledger.Binding;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EndingTest {

    private static final Binding HELD = binding("one", ip(1), ENI_A, 1).renewed(at(50), 2);
    private static final Binding REBUILT = binding("one", ip(1), ENI_A, 1).renewed(at(0), 2);

    private static Duration second(int second) {
        return Duration.ofSeconds(second);
    }

    @Test
    void aDelEndsTheLifeThatBeganBeforeItAndNoLaterOne() {
        assertEquals(Ending.RELEASE, Ending.of(Optional.of(HELD), true, second(51), false, at(90)));
        assertEquals(Ending.STAYS, Ending.of(Optional.of(HELD), true, second(49), false, at(90)));
        assertEquals(Ending.CUT, Ending.of(Optional.empty(), true, second(49), false, at(90)));
    }

    /** Found by the simulation: the ledger was damaged, and a parked DEL cut off the sandbox's next life. */
    @Test
    void withADamagedLedgerADelThatWaitedTouchesNothing() {
        assertEquals(Ending.WAIT, Ending.of(Optional.empty(), false, second(79), false, at(90)));
        assertEquals(
                Ending.WAIT, Ending.of(Optional.of(HELD), false, second(79), false, at(90)), "a later bind is lost");
        assertEquals(Ending.WAIT, Ending.of(Optional.empty(), false, second(900), false, at(90)), "of an earlier boot");
        assertEquals(Ending.STAYS, Ending.of(Optional.of(HELD), false, second(49), false, at(90)));
    }

    @Test
    void withADamagedLedgerADelStraightFromTheRuntimeGoesOn() {
        assertEquals(Ending.CUT, Ending.of(Optional.empty(), false, second(85), false, at(90)));
        assertEquals(Ending.CUT, Ending.of(Optional.of(HELD), false, second(85), false, at(90)));
    }

    @Test
    void whoseAgeNobodyKnowsIsToldByItsNamespace() {
        assertEquals(Ending.STAYS, Ending.of(Optional.of(REBUILT), true, second(79), true, at(90)));
        assertEquals(Ending.RELEASE, Ending.of(Optional.of(REBUILT), true, second(79), false, at(90)));
        assertEquals(Ending.RELEASE, Ending.of(Optional.of(HELD), true, second(79), true, at(90)), "its age is known");
    }
}
