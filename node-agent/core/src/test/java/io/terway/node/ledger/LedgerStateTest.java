package io.terway.node.ledger;

import static io.terway.node.ledger.Samples.ENI_A;
import static io.terway.node.ledger.Samples.address;
import static io.terway.node.ledger.Samples.at;
import static io.terway.node.ledger.Samples.binding;
import static io.terway.node.ledger.Samples.ip;
import static io.terway.node.ledger.Samples.key;
import static io.terway.node.ledger.Samples.of;
import static io.terway.node.ledger.Samples.offer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerStateTest {

    private static LedgerEntry withdrawn(int last, long number) {
        return new LedgerEntry.Withdrawn(List.of(new WithdrawnAddress(ip(last), ENI_A.id(), number)), List.of());
    }

    @Test
    void aWithdrawnAddressComesBackOnlyByAHigherNumber() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10), withdrawn(1, 12));
        state.apply(offer(ENI_A, 1, 1, 11));
        assertTrue(state.offered(ip(1)).isEmpty());
        state.apply(offer(ENI_A, 1, 1, 13));
        assertEquals(address(ENI_A, ip(1), 13), state.offered(ip(1)).orElseThrow());
        assertTrue(state.withdrawn().isEmpty());
    }

    @Test
    void refusesToBindOneAddressTwice() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10), new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)));
        assertThrows(
                IllegalStateException.class, () -> state.apply(new LedgerEntry.Bound(binding("two", ip(1), ENI_A, 2))));
        assertEquals(key("one"), state.holder(ip(1)).orElseThrow().key());
    }

    @Test
    void refusesToWithdrawAHeldAddress() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10), new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)));
        assertThrows(IllegalStateException.class, () -> state.apply(withdrawn(1, 12)));
        assertTrue(state.offered(ip(1)).isPresent());
    }

    @Test
    void coolsAReleasedAddressDown() {
        LedgerState state = of(
                offer(ENI_A, 1, 1, 10),
                new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)),
                new LedgerEntry.Released(key("one"), at(100), true));
        assertEquals(Duration.ofSeconds(30), state.coolingLeft(ip(1), at(100)));
        assertEquals(Duration.ofSeconds(1), state.coolingLeft(ip(1), at(129)));
        assertEquals(Duration.ZERO, state.coolingLeft(ip(1), at(130)));
    }

    @Test
    void anotherBootRestartsTheCoolDown() {
        LedgerState state = of(
                offer(ENI_A, 1, 1, 10),
                new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)),
                new LedgerEntry.Released(key("one"), at(100), true));
        assertEquals(
                Duration.ofSeconds(28), state.coolingLeft(ip(1), new BootTime("another-boot", Duration.ofSeconds(2))));
    }

    @Test
    void anAddressThatWasNeverPlumbedNeedsNoCoolDown() {
        LedgerState state = of(
                offer(ENI_A, 1, 1, 10),
                new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)),
                new LedgerEntry.Released(key("one"), at(100), false));
        assertEquals(Duration.ZERO, state.coolingLeft(ip(1), at(100)));
    }

    @Test
    void releasingTheOldSandboxLeavesTheNewOnesAddress() {
        LedgerState state = of(
                offer(ENI_A, 1, 2, 10),
                new LedgerEntry.Bound(binding("old", ip(1), ENI_A, 1)),
                new LedgerEntry.Bound(binding("new", ip(2), ENI_A, 2)));
        state.apply(new LedgerEntry.Released(key("old"), at(100), true));
        assertEquals(key("new"), state.holder(ip(2)).orElseThrow().key());
        assertTrue(state.holder(ip(1)).isEmpty());
    }

    @Test
    void anEniLeavesWithItsLastAddress() {
        LedgerState state = of(offer(ENI_A, 1, 2, 10));
        state.apply(
                new LedgerEntry.Withdrawn(List.of(new WithdrawnAddress(ip(1), ENI_A.id(), 12)), List.of(ENI_A.id())));
        assertTrue(state.eni(ENI_A.id()).isPresent());
        state.apply(
                new LedgerEntry.Withdrawn(List.of(new WithdrawnAddress(ip(2), ENI_A.id(), 13)), List.of(ENI_A.id())));
        assertFalse(state.eni(ENI_A.id()).isPresent());
    }

    @Test
    void anEniLeavesWithItsLastAddressUnasked() {
        LedgerState state = of(offer(ENI_A, 1, 2, 10), withdrawn(1, 12));
        assertTrue(state.eni(ENI_A.id()).isPresent());
        state.apply(withdrawn(2, 13));
        assertFalse(state.eni(ENI_A.id()).isPresent());
    }

    @Test
    void aSnapshotKeepsAnEniThatWasOfferedAnewWithoutAddressesYet() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10), withdrawn(1, 12), offer(ENI_A, 1, 0, 13));
        LedgerState restored = LedgerState.restore(state.sequence(), state.snapshot());
        assertTrue(restored.eni(ENI_A.id()).isPresent());
        assertEquals(state.snapshot(), restored.snapshot());
    }

    @Test
    void theHighestTermStays() {
        LedgerState state = of(new LedgerEntry.TermSeen(7), new LedgerEntry.TermSeen(5));
        assertEquals(7, state.term());
    }

    @Test
    void remembersABoundedNumberOfWithdrawals() {
        LedgerState state = of();
        for (int i = 1; i <= LedgerState.MAX_WITHDRAWN + 10; i++) {
            state.apply(withdrawn(i, i));
        }
        assertEquals(LedgerState.MAX_WITHDRAWN, state.withdrawn().size());
        assertEquals(0, state.numberOf(ip(10)));
        assertEquals(11, state.numberOf(ip(11)));
    }

    /** Found by the simulation: the bind and even the offer were in the page cache that the power took. */
    @Test
    void aFreeAddressRestsAfterABootForItsBindMayBeLost() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10));
        BootTime booted = new BootTime("another-boot", Duration.ofSeconds(4));
        state.restAfterBoot(booted);
        state.apply(offer(ENI_A, 2, 1, 11));
        assertEquals(Duration.ofSeconds(26), state.coolingLeft(ip(1), booted));
        assertEquals(Duration.ofSeconds(26), state.coolingLeft(ip(2), booted));
    }

    @Test
    void nothingRestsOnceTheCoolDownHasPassedSinceTheBoot() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10));
        BootTime later = new BootTime("another-boot", Duration.ofSeconds(31));
        state.restAfterBoot(later);
        assertEquals(Duration.ZERO, state.coolingLeft(ip(1), later));
    }

    /** Found by the simulation: its release and another pod's bind had gone with the power, and the pod got it back at once. */
    @Test
    void whoHeldAnAddressBeforeABootMayNotHaveBeenTheLast() {
        Binding held = binding("one", ip(1), ENI_A, 1);
        LedgerState state = of(offer(ENI_A, 1, 1, 10), new LedgerEntry.Bound(held));
        BootTime booted = new BootTime("another-boot", Duration.ofSeconds(4));
        state.apply(new LedgerEntry.Released(held.key(), booted, true));
        assertFalse(state.lastRelease(ip(1)).orElseThrow().exempts(held.pod()));
    }

    /** Found by the simulation: a DEL waited in the spool while the runtime began the sandbox again. */
    @Test
    void aSandboxThatWasBegunAgainIsOfALaterLifeThanTheDelInBetween() {
        Binding first = binding("one", ip(1), ENI_A, 1);
        Binding again = first.renewed(at(50), 2);
        LedgerState state = of(offer(ENI_A, 1, 1, 10), new LedgerEntry.Bound(first), new LedgerEntry.Bound(again));
        assertEquals(again, state.binding(key("one")).orElseThrow());
        assertEquals(2, state.sequence());
        assertTrue(again.isOfLaterLifeThan(Duration.ofSeconds(49), at(51)));
        assertFalse(again.isOfLaterLifeThan(Duration.ofSeconds(51), at(51)));
    }

    /** Found by the simulation: the plugin's start says nothing about the boot it belongs to. */
    @Test
    void aDelOfAnEarlierBootEndsNothingOfThisOne() {
        Binding held = binding("one", ip(1), ENI_A, 1).renewed(at(5), 2);
        assertTrue(held.isOfLaterLifeThan(Duration.ofDays(9), at(60)));
    }
}
