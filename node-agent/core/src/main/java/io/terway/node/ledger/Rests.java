package io.terway.node.ledger;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** When free addresses were last released, and by whom. Not thread-safe: its owner serialises. */
final class Rests {

    static final PodLife NOBODY_KNOWN = new PodLife(new PodRef("unknown", "unknown"), "");

    private final Map<Ip, Cooling> last = new TreeMap<>();

    /** When this boot began, if the ledger of a former one may have lost its newest facts. */
    private Optional<BootTime> boot = Optional.empty();

    void put(Cooling release) {
        last.put(release.ip(), release);
    }

    void remove(Ip ip) {
        last.remove(ip);
    }

    /** From now on an address rests since the boot, unless it was released later. */
    void beginBoot(BootTime now) {
        boot = Optional.of(new BootTime(now.bootId(), Duration.ZERO));
    }

    /** The address may be given to pods and nobody holds it. */
    void offered(Ip ip) {
        boot.ifPresent(began -> {
            Cooling release = last.get(ip);
            if (release == null || !release.at().bootId().equals(began.bootId())) {
                // A fixed address can have had no other pod since, and stays that pod's.
                last.put(
                        ip,
                        release != null && release.fixed()
                                ? new Cooling(ip, release.lastHolder(), true, began)
                                : new Cooling(ip, NOBODY_KNOWN, false, began));
            }
        });
    }

    /** Cool-down the address still has to run; zero when it may be used. */
    Duration left(Ip ip, Duration coolDown, BootTime now) {
        Cooling release = last.get(ip);
        if (release == null) {
            return Duration.ZERO;
        }
        Duration left = coolDown.minus(now.atLeastSince(release.at()));
        return left.isNegative() ? Duration.ZERO : left;
    }

    Optional<Cooling> last(Ip ip) {
        return Optional.ofNullable(last.get(ip));
    }

    Collection<Cooling> all() {
        return Collections.unmodifiableCollection(last.values());
    }
}
