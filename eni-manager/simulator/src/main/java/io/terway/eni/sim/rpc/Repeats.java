package io.terway.eni.sim.rpc;

import io.terway.eni.sim.refusal.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Answers a repeated call with the same ClientToken as the first time. Remembers successes only, at most {@link #LIMIT},
 * the oldest going first; how long the cloud remembers is not documented.
 */
public final class Repeats {

    static final int LIMIT = 50_000;
    static final int TOKEN_LENGTH = 64;

    private static final Set<String> EACH_CALL = Set.of("Timestamp", "SignatureNonce", "Signature", "SecurityToken");

    /**
     * @param key access key, action and token
     * @param params what the call asked for, without what differs at each try
     */
    public record Remembered(String key, Map<String, String> params, Fields answer) {}

    private final Map<String, Remembered> byKey = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
            return size() > LIMIT;
        }
    };

    /** Performs the call, or answers as before when its token was seen with the same parameters. */
    public Fields once(String accessKey, Params params, Supplier<Fields> perform) {
        Optional<String> token = params.text("ClientToken");
        if (token.isEmpty()) {
            return perform.get();
        }
        requireToken(token.get());
        String key = accessKey + "\n" + params.required("Action") + "\n" + token.get();
        Map<String, String> asked = new TreeMap<>(params.all());
        asked.keySet().removeAll(EACH_CALL);
        Remembered before = byKey.get(key);
        if (before == null) {
            Fields answer = perform.get();
            byKey.put(key, new Remembered(key, asked, answer));
            return answer;
        }
        if (!before.params().equals(asked)) {
            throw ErrorCode.IDEMPOTENT_MISMATCH.refuse(
                    "The request uses the same client token as a previous, but non-identical request.");
        }
        return before.answer();
    }

    /** The oldest first. */
    public List<Remembered> remembered() {
        return new ArrayList<>(byKey.values());
    }

    public void restore(List<Remembered> entries) {
        entries.forEach(e -> byKey.put(e.key(), e));
    }

    private static void requireToken(String token) {
        boolean printable = token.chars().allMatch(c -> c > ' ' && c <= '~');
        if (token.length() > TOKEN_LENGTH || !printable) {
            throw Params.invalid("ClientToken");
        }
    }
}
