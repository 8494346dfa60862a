package io.terway.lab.api.verb;

import java.util.UUID;
import java.util.random.RandomGenerator;

/** Random identities. A plain generator is enough: nothing secret hangs on them. */
public final class Ids {

    /** The letters upstream uses: no vowels, so that no words appear. */
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

    private static final int SUFFIX = 5;

    private final RandomGenerator random;

    public Ids(RandomGenerator random) {
        this.random = random;
    }

    /** A version 4 UUID. */
    String uid() {
        long high = random.nextLong() & ~0xf000L | 0x4000L;
        long low = random.nextLong() & ~0xc000_0000_0000_0000L | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    /** What generateName appends. */
    String suffix() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < SUFFIX; i++) {
            out.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return out.toString();
    }
}
