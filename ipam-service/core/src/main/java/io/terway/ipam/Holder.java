package io.terway.ipam;

import io.terway.net.PodRef;
import java.util.Objects;

/**
 * One life of a pod.
 *
 * @param pod its name
 * @param uid metadata.uid; empty where the agent did not know it yet
 */
public record Holder(PodRef pod, String uid) {

    public Holder {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(uid, "uid");
    }
}
