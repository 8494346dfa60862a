package io.terway.sim;

import java.util.Random;

/** What goes wrong, by chance. In calm nothing does. */
final class Weather {

    private final Random random;
    private boolean calm = true;

    Weather(long seed) {
        random = new Random(seed);
    }

    void calm(boolean now) {
        calm = now;
    }

    boolean isCalm() {
        return calm;
    }

    /** True with probability {@code p}, never in calm. */
    boolean strikes(double p) {
        return random.nextDouble() < p && !calm;
    }

    /** A coin that calm does not stop. */
    boolean coin(double p) {
        return random.nextDouble() < p;
    }

    /** From {@code low} to {@code high}. */
    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /** A message's way: mostly short, sometimes long. */
    long delay() {
        return strikes(0.02) ? between(200, 4000) : between(0, 8);
    }

    Random random() {
        return random;
    }
}
