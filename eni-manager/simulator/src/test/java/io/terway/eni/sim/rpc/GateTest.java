package io.terway.eni.sim.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.eni.sim.refusal.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final WireRequest GET = WireRequest.plain("GET", "", "");

    private final AccessKeys keys = new AccessKeys();
    private final Gate gate = new Gate(keys);

    GateTest() {
        keys.add("id", "secret");
    }

    private static Params signed(Map<String, String> changes) {
        Map<String, String> all = new HashMap<>(Map.of(
                "AccessKeyId", "id",
                "SignatureMethod", "HMAC-SHA1",
                "SignatureVersion", "1.0",
                "SignatureNonce", "n1",
                "Timestamp", NOW.toString()));
        all.putAll(changes);
        all.put("Signature", Signature.sign("secret", Signature.stringToSign("GET", new Params(all).all())));
        return new Params(all);
    }

    private String refusal(Params params, Instant now) {
        return assertThrows(Refusal.class, () -> gate.admit(GET, params, now)).code();
    }

    @Test
    void admitsWithinFifteenMinutesEitherWay() {
        assertEquals("id", gate.admit(GET, signed(Map.of()), NOW.plus(Duration.ofMinutes(15))));
        assertEquals("id", gate.admit(GET, signed(Map.of("SignatureNonce", "n2")), NOW.minus(Duration.ofMinutes(15))));
    }

    @Test
    void refusesOutsideTheWindow() {
        assertEquals("InvalidTimeStamp.Expired", refusal(signed(Map.of()), NOW.plus(Duration.ofSeconds(901))));
    }

    @Test
    void skewedClockMovesTheWindow() {
        gate.skew(Duration.ofMinutes(20));
        assertEquals("InvalidTimeStamp.Expired", refusal(signed(Map.of()), NOW));
    }

    @Test
    void refusesANonceTwice() {
        gate.admit(GET, signed(Map.of()), NOW);
        assertEquals("SignatureNonceUsed", refusal(signed(Map.of()), NOW));
    }

    @Test
    void remembersABoundedNumberOfNonces() {
        for (int i = 0; i <= Gate.NONCES / 100; i++) {
            gate.admit(GET, signed(Map.of("SignatureNonce", "x" + i)), NOW);
        }
        assertEquals("SignatureNonceUsed", refusal(signed(Map.of("SignatureNonce", "x0")), NOW));
    }

    @Test
    void mismatchEndsWithTheStringThatTheServerSigned() {
        Map<String, String> tampered = new HashMap<>(signed(Map.of()).all());
        tampered.put("Extra", "1");
        Params params = new Params(tampered);
        Refusal refusal = assertThrows(Refusal.class, () -> gate.admit(GET, params, NOW));
        assertEquals("SignatureDoesNotMatch", refusal.code());
        assertEquals(
                true,
                refusal.getMessage().endsWith("string to sign is:" + Signature.stringToSign("GET", params.all())));
    }

    @Test
    void temporaryKeysNeedTheirTokenAndExpire() {
        AccessKeys.AccessKey key = keys.temporary("role@i-1", "abc", NOW);
        Map<String, String> withoutToken = Map.of("AccessKeyId", key.id());
        assertEquals("InvalidSecurityToken.Malformed", refusal(signed(withoutToken), NOW));
        Map<String, String> withToken = Map.of("AccessKeyId", key.id(), "SecurityToken", key.token());
        assertEquals("InvalidSecurityToken.Expired", refusal(signed(withToken), NOW.plus(Duration.ofMinutes(61))));
    }

    @Test
    void roleKeepsItsKeyUntilItIsHalfSpent() {
        AccessKeys.AccessKey first = keys.temporary("role@i-1", "abc", NOW);
        assertEquals(first, keys.temporary("role@i-1", "def", NOW.plus(Duration.ofMinutes(29))));
        assertEquals(
                "STS.def",
                keys.temporary("role@i-1", "def", NOW.plus(Duration.ofMinutes(30)))
                        .id());
    }
}
