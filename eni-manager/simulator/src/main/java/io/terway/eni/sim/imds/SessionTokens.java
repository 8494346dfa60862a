package io.terway.eni.sim.imds;

import io.terway.net.InstanceId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tokens of metadata version 2: good for one instance and for as long as was asked. */
public final class SessionTokens {

    /** Tokens kept at most; the oldest goes first. */
    static final int LIMIT = 50_000;

    private static final int LONGEST_SECONDS = 21_600;

    private record Grant(InstanceId instance, Instant until) {}

    private final Map<String, Grant> grants = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Grant> eldest) {
            return size() > LIMIT;
        }
    };

    /** True when a token may live this long. */
    public static boolean allowed(int seconds) {
        return seconds >= 1 && seconds <= LONGEST_SECONDS;
    }

    /** Remembers a fresh token for {@code seconds}. */
    public void grant(String token, InstanceId instance, int seconds, Instant now) {
        grants.put(token, new Grant(instance, now.plus(Duration.ofSeconds(seconds))));
    }

    public boolean valid(String token, InstanceId instance, Instant now) {
        Grant grant = grants.get(token);
        return grant != null && grant.instance().equals(instance) && now.isBefore(grant.until());
    }
}
