package io.terway.node.commit;

import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import java.time.Duration;
import java.util.Optional;

/** What a DEL does, by what is known of its sandbox: a late one touches nothing of the sandbox's next life (rule 8). */
public enum Ending {
    /** Cut the traffic and give the addresses back. */
    RELEASE,

    /** Cut what the kernel still has under its name. */
    CUT,

    /** It is about an earlier life of the sandbox: the present one stays. */
    STAYS,

    /** Which life it is about cannot be told before the ledger is made anew. */
    WAIT;

    /** A runtime ends the life that is there, so a call straight from it is about that; one that was parked need not be. */
    static final Duration STRAIGHT = Duration.ofSeconds(10);

    /**
     * Judges a call.
     *
     * @param held what the sandbox holds, as far as the ledger can be read
     * @param whole false: the ledger is damaged and says nothing for certain
     * @param started when the plugin started, since its boot
     * @param elsewhere true when the call names another namespace than the one that holds these addresses
     */
    public static Ending of(Optional<Binding> held, boolean whole, Duration started, boolean elsewhere, BootTime now) {
        boolean older = held.filter(
                        binding -> binding.isOfLaterLifeThan(started, now) || binding.isOfUnknownAge() && elsewhere)
                .isPresent();
        if (older) {
            return STAYS;
        }
        if (!whole) {
            Duration age = now.sinceBoot().minus(started);
            boolean straight = !now.isOvertakenBy(started) && age.compareTo(STRAIGHT) <= 0;
            return straight ? CUT : WAIT;
        }
        return held.isPresent() ? RELEASE : CUT;
    }
}
