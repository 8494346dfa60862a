package io.terway.eni.sim.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.refusal.Refusal;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RepeatsTest {

    private final Repeats repeats = new Repeats();

    private static Params params(String token, String size, String nonce) {
        return new Params(Map.of("Action", "A", "ClientToken", token, "Size", size, "SignatureNonce", nonce));
    }

    @Test
    void sameTokenAndParametersGiveTheFirstAnswer() {
        Fields first = repeats.once("ak", params("t", "1", "n1"), Fields::of);
        assertSame(first, repeats.once("ak", params("t", "1", "n2"), Fields::of));
    }

    @Test
    void sameTokenWithOtherParametersIsRefused() {
        repeats.once("ak", params("t", "1", "n1"), Fields::of);
        Refusal refusal = assertThrows(Refusal.class, () -> repeats.once("ak", params("t", "2", "n2"), Fields::of));
        assertEquals("IdempotentParameterMismatch", refusal.code());
    }

    @Test
    void refusalsAreNotRemembered() {
        assertThrows(
                Refusal.class,
                () -> repeats.once("ak", params("t", "1", "n1"), () -> {
                    throw ErrorCode.VSWITCH_EXHAUSTED.refuse("full");
                }));
        Fields second = Fields.of();
        assertSame(second, repeats.once("ak", params("t", "1", "n2"), () -> second));
    }

    @Test
    void forgetsTheOldestBeyondItsLimit() {
        for (int i = 0; i <= Repeats.LIMIT; i++) {
            repeats.once("ak", params("t" + i, "1", "n"), Fields::of);
        }
        assertEquals(Repeats.LIMIT, repeats.remembered().size());
    }

    @Test
    void tokenOfSixtyFiveCharactersIsRefused() {
        assertThrows(Refusal.class, () -> repeats.once("ak", params("x".repeat(65), "1", "n"), Fields::of));
    }
}
