package io.terway.eni.operation;

import io.terway.eni.ClusterTags;
import io.terway.eni.NetworkInterface;
import io.terway.eni.Tuning;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Whose ENI it is: ours carries the cluster's tag, the configured filter tags, and none of the blocked ones. */
public final class Ownership {

    private final ClusterTags tags;
    private final Supplier<Tuning> tuning;

    public Ownership(ClusterTags tags, Supplier<Tuning> tuning) {
        this.tags = tags;
        this.tuning = tuning;
    }

    public ClusterTags tags() {
        return tags;
    }

    /** True when we may change, detach and delete it. */
    public boolean ours(NetworkInterface eni) {
        return tags.owns(eni) && tuning.get().tagRules().manages(eni);
    }

    /** Tags that a new ENI gets beside the cluster's own, so that it is ours. */
    Map<String, String> extra(Map<String, String> wanted) {
        Map<String, String> all = new HashMap<>(wanted);
        all.putAll(tuning.get().tagRules().filter());
        return all;
    }
}
