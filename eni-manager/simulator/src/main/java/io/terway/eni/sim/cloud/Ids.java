package io.terway.eni.sim.cloud;

import io.terway.net.Mac;

/** Makes the ids and MAC addresses of a run: the same seed gives the same ids in the same order. */
public final class Ids {

    private static final int TAIL = 17;
    private static final long MAC_PREFIX = 0x00163eL << 24;
    /** Odd, so that multiplying by it permutes the 24 bits. */
    private static final long MAC_SPREAD = 0x9e3779L;

    private final long seed;
    private long issued;

    /** @param issued how many ids earlier runs with this seed have made */
    public Ids(long seed, long issued) {
        this.seed = seed;
        this.issued = issued;
    }

    public long issued() {
        return issued;
    }

    /** {@code prefix} and 17 letters and digits, as the cloud's ids look. */
    public String next(String prefix) {
        issued++;
        StringBuilder id = new StringBuilder(prefix.length() + TAIL).append(prefix);
        long bits = mix(seed + issued * 0x9e3779b97f4a7c15L);
        for (int i = 0; i < TAIL; i++) {
            if (i == 10) {
                bits = mix(bits + issued);
            }
            id.append(Character.forDigit((int) Long.remainderUnsigned(bits, 36), 36));
            bits = Long.divideUnsigned(bits, 36);
        }
        return id.toString();
    }

    /** Unique among the first 2^24 ids of a run. */
    public Mac nextMac() {
        issued++;
        return new Mac(MAC_PREFIX | issued * MAC_SPREAD & 0xffffffL);
    }

    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ a >>> 27) * 0x94d049bb133111ebL;
        return b ^ b >>> 31;
    }
}
