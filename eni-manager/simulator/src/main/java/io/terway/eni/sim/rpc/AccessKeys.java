package io.terway.eni.sim.rpc;

import io.terway.eni.sim.refusal.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys that may sign calls: permanent ones and temporary ones, which carry a security token and expire. */
public final class AccessKeys {

    /** Temporary keys kept at most; the oldest goes first. */
    static final int TEMPORARY = 20_000;

    /** How long a temporary key is good for, and how close to its end a role gets a new one. */
    static final Duration LIFETIME = Duration.ofHours(1);

    static final Duration RENEWAL = Duration.ofMinutes(30);

    /**
     * @param token empty for a permanent key
     * @param holder who has the temporary key; empty for a permanent one
     */
    public record AccessKey(String id, String secret, String token, Instant expires, String holder) {}

    private final Map<String, AccessKey> byId = new LinkedHashMap<>();
    private final Map<String, AccessKey> ofHolder = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, AccessKey> eldest) {
            if (size() > TEMPORARY) {
                byId.remove(eldest.getValue().id());
                return true;
            }
            return false;
        }
    };

    public void add(String id, String secret) {
        byId.put(id, new AccessKey(id, secret, "", Instant.MAX, ""));
    }

    /** The temporary key of a role on an instance; a new one when the last is half spent. */
    public AccessKey temporary(String holder, String freshText, Instant now) {
        AccessKey last = ofHolder.get(holder);
        if (last != null && last.expires().minus(RENEWAL).isAfter(now)) {
            return last;
        }
        return grant(holder, freshText, LIFETIME, now);
    }

    /** A new temporary key; what the holder had before stays good until it expires. */
    public AccessKey grant(String holder, String freshText, Duration lifetime, Instant now) {
        AccessKey key = new AccessKey(
                "STS." + freshText, "sts-secret-" + freshText, "sts-token-" + freshText, now.plus(lifetime), holder);
        ofHolder.put(holder, key);
        byId.put(key.id(), key);
        return key;
    }

    /** Every temporary key, the oldest first. */
    public List<AccessKey> temporaries() {
        return List.copyOf(ofHolder.values());
    }

    public void restore(List<AccessKey> temporaries) {
        for (AccessKey key : temporaries) {
            ofHolder.put(key.holder(), key);
            byId.put(key.id(), key);
        }
    }

    /** The key a call names, if its token fits and is not expired. */
    public AccessKey require(String id, String token, Instant now) {
        AccessKey key = byId.get(id);
        if (key == null) {
            throw ErrorCode.ACCESS_KEY_NOT_FOUND.refuse("Specified access key is not found.");
        }
        if (!key.token().equals(token)) {
            throw ErrorCode.TOKEN_MALFORMED.refuse("The specified parameter \"SecurityToken\" is not valid.");
        }
        if (now.isAfter(key.expires())) {
            ofHolder.values().remove(key);
            throw ErrorCode.TOKEN_EXPIRED.refuse("The specified SecurityToken has expired.");
        }
        return key;
    }
}
