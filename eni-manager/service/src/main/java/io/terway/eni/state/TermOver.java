package io.terway.eni.state;

/** A caller of ipam-service whose term is over. */
public final class TermOver extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final long seen;

    TermOver(String shard, long term, long seen) {
        super(
                "term " + term + " of ipam-service" + (shard.isEmpty() ? "" : " (shard " + shard + ")")
                        + " is over: term " + seen + " was seen; look for the new leader",
                null,
                false,
                false);
        this.seen = seen;
    }

    /** The highest term seen. */
    public long seen() {
        return seen;
    }
}
