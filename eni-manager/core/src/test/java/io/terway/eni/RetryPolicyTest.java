package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.RetryPolicy.Decision;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RetryPolicyTest {

    private static final Duration PLENTY = Duration.ofMinutes(5);

    private static Decision after(String code, Action action, int attempt) {
        return RetryPolicy.decide(CloudFailure.of(code, ""), action, attempt, 0.5, PLENTY);
    }

    @Test
    void throttlingBacksOffExponentially() {
        assertEquals(
                new Decision.Again(Duration.ofMillis(375)), after("Throttling", Action.ATTACH_NETWORK_INTERFACE, 1));
        assertEquals(
                new Decision.Again(Duration.ofMillis(1500)), after("Throttling", Action.ATTACH_NETWORK_INTERFACE, 3));
    }

    @Test
    void pausesAreCapped() {
        assertEquals(
                new Decision.Again(Duration.ofMillis(7500)),
                after("Throttling", Action.DESCRIBE_INSTANCES, RetryPolicy.MAX_THROTTLED - 1));
    }

    @Test
    void attemptsEnd() {
        assertInstanceOf(
                Decision.GiveUp.class, after("Throttling", Action.DESCRIBE_INSTANCES, RetryPolicy.MAX_THROTTLED));
        assertInstanceOf(
                Decision.GiveUp.class, after("InternalError", Action.DESCRIBE_INSTANCES, RetryPolicy.MAX_OTHERS));
    }

    @Test
    void anUnknownOutcomeIsRepeatedOnlyWithAToken() {
        assertInstanceOf(Decision.Again.class, after("SDK.ReadTimeout", Action.ASSIGN_PRIVATE_IP_ADDRESSES, 1));
        assertInstanceOf(Decision.GiveUp.class, after("SDK.ReadTimeout", Action.ATTACH_NETWORK_INTERFACE, 1));
        assertInstanceOf(Decision.GiveUp.class, after("SDK.ReadTimeout", Action.UNASSIGN_PRIVATE_IP_ADDRESSES, 1));
    }

    @Test
    void aRefusalIsNotRepeated() {
        assertInstanceOf(Decision.GiveUp.class, after("Forbidden.RAM", Action.CREATE_NETWORK_INTERFACE, 1));
        assertInstanceOf(
                Decision.GiveUp.class, after("InvalidVSwitchId.IpNotEnough", Action.CREATE_NETWORK_INTERFACE, 1));
    }

    @Test
    void aRetryThatCannotMeetTheDeadlineIsNotMade() {
        Decision decision = RetryPolicy.decide(
                CloudFailure.of("Throttling", ""), Action.DESCRIBE_INSTANCES, 1, 0.5, Duration.ofMillis(100));

        assertInstanceOf(Decision.GiveUp.class, decision);
    }

    @Test
    void theBudgetEndsAStormAndRecoversWithCalls() {
        RetryBudget budget = new RetryBudget();
        int spent = 0;
        while (budget.tryRetry()) {
            spent++;
        }
        for (int call = 0; call < 1 / RetryBudget.PER_CALL; call++) {
            budget.called();
        }

        assertEquals(RetryBudget.CAPACITY, spent);
        assertTrue(budget.tryRetry());
        assertFalse(budget.tryRetry());
    }
}
