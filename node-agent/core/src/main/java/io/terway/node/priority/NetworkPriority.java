package io.terway.node.priority;

import java.util.Locale;

/** How soon a pod's packets leave the node when its link is full: a higher class never waits for a lower one. */
public enum NetworkPriority {
    /** First. */
    GUARANTEED(6),
    /** In between; that of a pod which says nothing. */
    BURSTABLE(0),
    /** Only when nobody else has something to send. */
    BEST_EFFORT(2);

    private final int packetPriority;

    NetworkPriority(int packetPriority) {
        this.packetPriority = packetPriority;
    }

    /** Reads {@code guaranteed}, {@code burstable} or {@code best-effort}. */
    public static NetworkPriority parse(String text) {
        for (NetworkPriority priority : values()) {
            if (priority.toString().equals(text)) {
                return priority;
            }
        }
        throw new IllegalArgumentException("'" + text + "'; it must be guaranteed, burstable or best-effort");
    }

    /** As nft writes it; the numbers are those that the kernel's three bands are chosen by. */
    String word() {
        return packetPriority == 0 ? "none" : "0:" + packetPriority;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
