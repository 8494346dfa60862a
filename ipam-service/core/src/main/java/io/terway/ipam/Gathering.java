package io.terway.ipam;

import java.time.Duration;
import java.time.Instant;

/**
 * Pods of one rollout are scheduled one after the other; an ENI that is ordered for the first of them alone needs further
 * calls for the others. So the order waits until no more pods come, which costs little beside the seconds of an attach.
 */
final class Gathering {

    /** Without a further pod for this long, the order is placed. A scheduler binds some hundred pods a second. */
    static final Duration QUIET = Duration.ofMillis(100);

    /** The first pod waits no longer than this. */
    static final Duration MOST = Duration.ofMillis(500);

    private int lacking;
    private Instant first = Instant.MAX;
    private Instant last = Instant.MAX;

    /** So many addresses are lacking now; zero or less: none. */
    void lack(int now, Instant at) {
        if (now <= 0) {
            first = Instant.MAX;
        } else if (first.equals(Instant.MAX)) {
            first = at;
        }
        if (now > lacking) {
            last = at;
        }
        lacking = now;
    }

    /** When the order is due; {@link Instant#MAX} while nothing is lacking. */
    Instant due() {
        if (first.equals(Instant.MAX)) {
            return Instant.MAX;
        }
        Instant quiet = last.plus(QUIET);
        Instant most = first.plus(MOST);
        return quiet.isBefore(most) ? quiet : most;
    }
}
