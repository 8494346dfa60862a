package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ElectorTest {

    private static final Duration LEASE = Duration.ofSeconds(15);

    private final LeaseModel lease = new LeaseModel();
    private long now = 1_000;
    private final Elector first = new Elector(lease, "a:1_x", LEASE, () -> now);
    private final Elector second = new Elector(lease, "b:1_y", LEASE, () -> now);

    @Test
    void theFirstCandidateLeadsTermOne() {
        first.step();

        assertEquals(1, first.term());
        assertEquals(LEASE, first.remaining());
    }

    @Test
    void aStandbyWaitsTheWholeLeaseAsItSawItItself() {
        first.step();
        pass(Duration.ofSeconds(14));
        second.step(); // first look: its wait starts here, not at the leader's renewal
        pass(LEASE);
        second.step();
        assertEquals(0, second.term());

        pass(Duration.ofMillis(1));
        second.step();

        assertEquals(2, second.term());
        assertEquals(0, first.term());
    }

    @Test
    void aRenewalStartsTheStandbysWaitAnew() {
        first.step();
        second.step();
        pass(Duration.ofSeconds(10));
        first.step();
        pass(Duration.ofSeconds(10));
        second.step();
        pass(Duration.ofSeconds(10));

        second.step();

        assertEquals(0, second.term());
    }

    @Test
    void aLeaderThatCannotReachTheStoreStopsByTheClockAlone() {
        first.step();
        lease.down = true;
        pass(LEASE);

        assertThrows(IllegalStateException.class, first::step);

        assertEquals(0, first.term());
        assertEquals(Duration.ZERO, first.remaining());
    }

    @Test
    void aLeaseThatRanOutInOurHandsIsTakenAgainWithAHigherTerm() {
        first.step();
        pass(LEASE);

        first.step();

        assertEquals(2, first.term());
    }

    @Test
    void aRenewalThatTookLongerThanTheLeaseDoesNotGoOnWithTheTerm() {
        first.step();
        pass(Duration.ofSeconds(10));
        lease.beforeWrite = () -> pass(Duration.ofSeconds(6));

        first.step();

        assertEquals(0, first.term());
        lease.beforeWrite = () -> {};
        first.step();
        assertEquals(2, first.term());
    }

    @Test
    void aLeaseGivenUpIsTakenAtOnceWithAHigherTerm() {
        first.step();
        first.resign();

        second.step();

        assertEquals(2, second.term());
        assertEquals(0, first.term());
    }

    @Test
    void theLoserOfARaceDoesNotLead() {
        first.step();
        first.resign();
        lease.beforeWrite = () -> {
            lease.beforeWrite = () -> {};
            first.step();
        };

        second.step();

        assertEquals(0, second.term());
        assertEquals(2, first.term());
    }

    @Test
    void theTermRisesWhenTheLeaseIsDeletedUnderUs() {
        first.step();
        first.resign();
        second.step();
        lease.delete();

        second.step();

        assertEquals(3, second.term());
    }

    @Test
    void aTermSeenByOthersEndsOursAtOnceAndTheNextIsAboveIt() {
        first.step();
        first.outrank(7);
        assertEquals(0, first.term());
        assertEquals(Duration.ZERO, first.remaining());

        first.step();

        assertEquals(8, first.term());
    }

    @Test
    void aSeenTermThatIsNotAboveOursChangesNothing() {
        first.step();
        first.outrank(0);

        assertEquals(1, first.term());
    }

    @Test
    void aTermTooHighToBeTrueIsNotBelieved() {
        first.step();

        assertFalse(first.outrank(Long.MAX_VALUE));

        assertEquals(1, first.term());
    }

    @Test
    void aStoppedLeaderDoesNotLeadButKeepsOthersOutUntilItResigns() {
        first.step();
        first.stop();
        second.step();
        assertEquals(0, first.term());
        assertEquals(0, second.term());

        first.resign();
        second.step();

        assertEquals(2, second.term());
    }

    @Test
    void neverTwoLeadersWhateverIsLostOrLate() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var shared = new LeaseModel();
            List<Elector> candidates = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                candidates.add(new Elector(shared, "h" + i + ":1_" + i, LEASE, () -> now));
            }
            long highest = 0;
            for (int step = 0; step < 200; step++) {
                now += random.nextLong(Duration.ofSeconds(6).toNanos());
                shared.down = random.nextInt(5) == 0;
                shared.loseAnswer = random.nextInt(10) == 0;
                try {
                    candidates.get(random.nextInt(3)).step();
                } catch (IllegalStateException outage) {
                    // the point of the test: leadership is judged below, whatever failed
                }
                List<Elector> leading =
                        candidates.stream().filter(c -> c.term() > 0).toList();
                assertTrue(leading.size() <= 1, "seed " + seed + ", step " + step);
                for (Elector leader : leading) {
                    assertTrue(leader.term() >= highest, "term went back; seed " + seed);
                    highest = leader.term();
                }
            }
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
