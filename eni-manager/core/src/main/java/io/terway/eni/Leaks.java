package io.terway.eni;

import io.terway.net.EniId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which ENIs nobody uses (rule 13): Available, ours, older than the TTL, not marked as kept, in no operation under way, and
 * seen so twice with time between. Only an ENI that a listing shows can be condemned, so a failed, empty or partial one
 * condemns nothing; what it leaves out begins anew. Not thread-safe.
 */
public final class Leaks {

    /** ENIs under suspicion at a time; more wait for a later listing. */
    public static final int MAX_SUSPECTS = 10_000;

    /** ENIs collected after one listing, so that a mistake of a person is noticed before all is gone. */
    public static final int MAX_AT_ONCE = 20;

    private final Map<EniId, Instant> suspects = new HashMap<>();

    /**
     * Takes in a listing.
     *
     * @param ours whether an ENI is ours to delete
     * @param busy whether an operation under way made it
     * @return those to delete
     */
    public List<EniId> seen(
            List<NetworkInterface> listed,
            Tuning.Collection rules,
            Predicate<NetworkInterface> ours,
            Predicate<NetworkInterface> busy,
            Instant now) {
        Map<EniId, Instant> still = new HashMap<>();
        List<EniId> condemned = new ArrayList<>();
        for (NetworkInterface eni : listed) {
            if (!rules.on() || !unused(eni, rules.ttl(), now) || !ours.test(eni) || busy.test(eni)) {
                continue;
            }
            Instant first = suspects.getOrDefault(eni.id(), now);
            if (Duration.between(first, now).compareTo(rules.apart()) >= 0 && condemned.size() < MAX_AT_ONCE) {
                condemned.add(eni.id());
            } else if (still.size() < MAX_SUSPECTS) {
                still.put(eni.id(), first);
            }
        }
        suspects.clear();
        suspects.putAll(still);
        return condemned;
    }

    /** Another term begins: what was seen before may have been changed by another process. */
    public void forget() {
        suspects.clear();
    }

    /** Never an attached one, whatever its tags say. */
    private static boolean unused(NetworkInterface eni, Duration ttl, Instant now) {
        return eni.status() == EniStatus.AVAILABLE
                && eni.type() != EniType.PRIMARY
                && eni.attachment() instanceof Attachment.Detached
                && !eni.tags().containsKey(ClusterTags.KEPT)
                && Duration.between(eni.created(), now).compareTo(ttl) >= 0;
    }
}
