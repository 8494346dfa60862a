package io.terway.eni;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The tags by which this cluster's ENIs are known. Only an ENI that carries the cluster's id is ever changed. */
public record ClusterTags(String clusterId) {

    public static final String CLUSTER = "terway.io/cluster";
    public static final String OPERATION = "terway.io/operation";

    /** On an ENI that is detached to be attached again: leak collection leaves it alone. */
    public static final String KEPT = "terway.io/kept";

    public static final String CREATOR = "creator";
    public static final String CREATOR_VALUE = "terway";

    /** The cloud takes 20 tags; three are ours, one more marks a kept ENI. */
    public static final int MAX_EXTRA = 15;

    public ClusterTags {
        if (clusterId == null || !clusterId.matches("[!-~]{1,128}")) {
            throw new IllegalArgumentException("cluster id '" + clusterId + "' is not 1 to 128 printable characters");
        }
    }

    public boolean owns(NetworkInterface eni) {
        return clusterId.equals(eni.tags().get(CLUSTER));
    }

    /** What route entries and security group rules of ours carry in their description. */
    public String mark() {
        return CLUSTER + "=" + clusterId;
    }

    boolean marks(String description) {
        return description.equals(mark()) || description.startsWith(mark() + " ");
    }

    /** A description with our mark in front, put there once. */
    String marked(String description) {
        return marks(description) ? description : description.isEmpty() ? mark() : mark() + " " + description;
    }

    public boolean owns(VpcRoute route) {
        return marks(route.description());
    }

    /** The operation that made this ENI, where the ENI is ours. */
    public Optional<String> operationOf(NetworkInterface eni) {
        return owns(eni) ? Optional.ofNullable(eni.tags().get(OPERATION)) : Optional.empty();
    }

    /**
     * The tags of a new ENI.
     *
     * @throws IllegalArgumentException when {@code extra} is too large or claims a key of ours
     */
    public Map<String, String> forOperation(OperationId operation, Map<String, String> extra) {
        if (extra.size() > MAX_EXTRA) {
            throw new IllegalArgumentException(
                    extra.size() + " tags are asked for, at most " + MAX_EXTRA + " are allowed");
        }
        Map<String, String> tags = new LinkedHashMap<>(extra);
        tags.put(CLUSTER, clusterId);
        tags.put(OPERATION, operation.value());
        tags.put(CREATOR, CREATOR_VALUE);
        if (tags.size() != extra.size() + 3) {
            throw new IllegalArgumentException(
                    "tags " + extra.keySet() + " claim one of " + CLUSTER + ", " + OPERATION + ", " + CREATOR);
        }
        return tags;
    }
}
