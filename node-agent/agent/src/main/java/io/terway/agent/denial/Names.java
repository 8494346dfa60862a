package io.terway.agent.denial;

import io.terway.net.Ip;
import io.terway.node.ledger.PodLife;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/**
 * Who has an address: pods of this node by what is enforced here, others by asking, remembered for a while. One thread.
 */
public final class Names {

    /** Addresses that are remembered. */
    private static final int MOST = 4_096;

    /** Addresses in one question. */
    static final int MOST_ASKED = 256;

    private static final Duration KNOWN_FOR = Duration.ofSeconds(30);
    private static final Duration UNKNOWN_FOR = Duration.ofSeconds(10);

    /** Who has an address. */
    public sealed interface Holder {

        record OfPod(PodLife pod) implements Holder {}

        record OfNode(String node) implements Holder {}
    }

    /** Port: who may know. policy-service in production; empty when it does not answer. */
    public interface Directory {

        /** @param addresses at most 256 */
        Optional<Map<Ip, Holder>> ask(Set<Ip> addresses);
    }

    private record Remembered(Optional<Holder> holder, Instant until) {

        /** Not for longer than at first, should the clock go back. */
        boolean holdsAt(Instant now) {
            return until.isAfter(now) && !until.isAfter(now.plus(KNOWN_FOR));
        }
    }

    private final Function<Ip, Optional<PodLife>> own;
    private final Directory directory;
    private final InstantSource clock;
    private final SequencedMap<Ip, Remembered> remembered = new LinkedHashMap<>();

    /** @param own pods of this node */
    public Names(Function<Ip, Optional<PodLife>> own, Directory directory, InstantSource clock) {
        this.own = Objects.requireNonNull(own);
        this.directory = Objects.requireNonNull(directory);
        this.clock = Objects.requireNonNull(clock);
    }

    /** Those that are known. */
    public Map<Ip, Holder> of(Set<Ip> addresses) {
        Instant now = clock.instant();
        Map<Ip, Holder> found = new HashMap<>();
        Set<Ip> open = new LinkedHashSet<>();
        for (Ip address : addresses) {
            Optional<PodLife> pod = own.apply(address);
            Remembered known = remembered.get(address);
            if (pod.isPresent()) {
                found.put(address, new Holder.OfPod(pod.get()));
            } else if (known != null && known.holdsAt(now)) {
                known.holder().ifPresent(holder -> found.put(address, holder));
            } else if (open.size() < MOST_ASKED) {
                open.add(address);
            }
        }
        if (!open.isEmpty()) {
            directory
                    .ask(open)
                    .ifPresent(answer -> open.forEach(address -> {
                        Optional<Holder> holder = Optional.ofNullable(answer.get(address));
                        remember(address, holder, now);
                        holder.ifPresent(h -> found.put(address, h));
                    }));
        }
        return found;
    }

    private void remember(Ip address, Optional<Holder> holder, Instant now) {
        remembered.remove(address); // so that the oldest answer is first
        remembered.put(address, new Remembered(holder, now.plus(holder.isPresent() ? KNOWN_FOR : UNKNOWN_FOR)));
        if (remembered.size() > MOST) {
            remembered.pollFirstEntry();
        }
    }
}
