package io.terway.ipam;

import io.terway.net.SecurityGroupId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pod's annotations ask of its network.
 *
 * @param ownEni an ENI of its own
 * @param groups security groups, which need an ENI of its own; empty: the pool's
 * @param fixed an address that outlives the pod
 */
public record PodWishes(boolean ownEni, List<SecurityGroupId> groups, boolean fixed) {

    public static final PodWishes NONE = new PodWishes(false, List.of(), false);

    static final String OWN_ENI = "k8s.aliyun.com/eni";
    public static final String GROUP = "k8s.aliyun.com/security-group";
    public static final String GROUPS = "k8s.aliyun.com/security-groups";
    static final String FIXED = "k8s.aliyun.com/pod-bindable";

    private static final int MOST_GROUPS = 10;

    public PodWishes {
        groups = List.copyOf(groups);
    }

    /** What came of reading annotations. */
    public sealed interface Reading {

        record Read(PodWishes wishes) implements Reading {}

        /** The pod must not get an ordinary address instead. */
        record Unreadable(String why) implements Reading {}
    }

    /** Reads the annotations; those of others are passed over. */
    public static Reading read(Map<String, String> annotations) {
        if (annotations.isEmpty()) {
            return new Reading.Read(NONE);
        }
        try {
            return new Reading.Read(
                    new PodWishes(flag(annotations, OWN_ENI), groups(annotations), flag(annotations, FIXED)));
        } catch (IllegalArgumentException e) {
            return new Reading.Unreadable(e.getMessage());
        }
    }

    /** True when the pod cannot share an ENI. */
    public boolean needsOwnEni() {
        return ownEni || !groups.isEmpty();
    }

    private static boolean flag(Map<String, String> annotations, String key) {
        String value = annotations.getOrDefault(key, "false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "annotation " + key + " is '" + value + "'; it must be 'true' or 'false'");
        };
    }

    private static List<SecurityGroupId> groups(Map<String, String> annotations) {
        Optional<List<SecurityGroupId>> one = groups(annotations, GROUP);
        Optional<List<SecurityGroupId>> several = groups(annotations, GROUPS);
        if (one.isPresent() && several.isPresent() && !one.equals(several)) {
            throw new IllegalArgumentException("annotations " + GROUP + " '" + annotations.get(GROUP) + "' and "
                    + GROUPS + " '" + annotations.get(GROUPS) + "' differ; keep one of them");
        }
        return one.or(() -> several).orElse(List.of());
    }

    private static Optional<List<SecurityGroupId>> groups(Map<String, String> annotations, String key) {
        String value = annotations.get(key);
        if (value == null) {
            return Optional.empty();
        }
        var groups = new LinkedHashSet<SecurityGroupId>();
        for (String id : value.split(",")) {
            if (!id.strip().startsWith("sg-")) {
                throw new IllegalArgumentException(
                        "annotation " + key + " is '" + value + "'; it must be security group ids with commas between");
            }
            groups.add(new SecurityGroupId(id.strip()));
        }
        if (groups.size() > MOST_GROUPS) {
            throw new IllegalArgumentException("annotation " + key + " names " + groups.size()
                    + " security groups; an ENI takes at most " + MOST_GROUPS);
        }
        return Optional.of(new ArrayList<>(groups));
    }
}
