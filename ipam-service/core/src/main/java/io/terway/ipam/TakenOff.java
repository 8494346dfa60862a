package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Addresses that were taken off ENIs lately: a sight from before may still show them there. */
final class TakenOff {

    private final SequencedMap<Where, Instant> since = new LinkedHashMap<>();

    /** An address on an ENI. */
    record Where(Ip ip, EniId eni) {}

    void add(Where where, Instant now) {
        since.putLast(where, now);
        while (since.firstEntry().getValue().plus(CloudSide.STALE_SIGHT).isBefore(now)) {
            since.pollFirstEntry();
        }
    }

    /** It is there again. */
    void remove(Where where) {
        since.remove(where);
    }

    boolean lately(Where where, Instant now) {
        Instant gone = since.get(where);
        return gone != null && now.isBefore(gone.plus(CloudSide.STALE_SIGHT));
    }
}
