package io.terway.ipam;

import io.terway.net.Family;

/** Counts addresses by state and family. Kept up to date with each change, so that reading it costs nothing. */
public final class Census {

    /** What is counted; one per kind of {@link AddressState}. */
    public enum Kind {
        SUPPLIED,
        IDLE,
        RESERVED,
        BOUND,
        COOLING,
        WITHDRAWING,
        WITHDRAWN,
        UNASSIGNING,
        GONE;

        static Kind of(AddressState state) {
            return switch (state) {
                case AddressState.Supplied _ -> SUPPLIED;
                case AddressState.Idle _ -> IDLE;
                case AddressState.Reserved _ -> RESERVED;
                case AddressState.Bound _ -> BOUND;
                case AddressState.Cooling _ -> COOLING;
                case AddressState.Withdrawing _ -> WITHDRAWING;
                case AddressState.Withdrawn _ -> WITHDRAWN;
                case AddressState.Unassigning _ -> UNASSIGNING;
                case AddressState.Gone _ -> GONE;
            };
        }
    }

    private static final int KINDS = Kind.values().length;
    private static final Family[] FAMILIES = Family.values();
    private static final int HELD = KINDS * FAMILIES.length;

    /** By family and kind, and behind them those that are held: one array, as there are many and each is memory to fetch. */
    private final int[] counts = new int[HELD + FAMILIES.length];

    /** Addresses of this kind and family. */
    public int count(Family family, Kind kind) {
        return counts[family.ordinal() * KINDS + kind.ordinal()];
    }

    /** Addresses of this kind, all families. */
    public int count(Kind kind) {
        int sum = 0;
        for (Family family : FAMILIES) {
            sum += count(family, kind);
        }
        return sum;
    }

    /** Addresses a node has been given: everything but those being taken off or gone. */
    int held(Family family) {
        return counts[HELD + family.ordinal()];
    }

    void add(Family family, Kind kind, int delta) {
        counts[family.ordinal() * KINDS + kind.ordinal()] += delta;
        if (kind != Kind.UNASSIGNING && kind != Kind.GONE) {
            counts[HELD + family.ordinal()] += delta;
        }
    }
}
