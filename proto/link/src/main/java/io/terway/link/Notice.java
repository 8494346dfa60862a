package io.terway.link;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * Something that people should know about an object, as an event on it. The same notice has the same event: what happens
 * again is counted there.
 *
 * @param warning false: all is well
 * @param reason one word
 * @param message cut where it is too long for an event
 */
public record Notice(Subject subject, boolean warning, String reason, String message) {

    /** The API allows 1,024 bytes. */
    private static final int MESSAGE_LIMIT = 1_000;

    /** Of the object's name in the event's, which is a DNS name of at most 253 characters. */
    private static final int NAME_LIMIT = 200;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /**
     * What it is about.
     *
     * @param namespace empty for cluster-wide kinds
     * @param uid empty when it is not known
     */
    public record Subject(String apiVersion, String kind, String namespace, String name, String uid) {

        public Subject {
            Objects.requireNonNull(apiVersion, "apiVersion");
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(namespace, "namespace");
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(uid, "uid");
        }

        public static Subject pod(PodRef pod, String uid) {
            return new Subject("v1", "Pod", pod.namespace(), pod.name(), uid);
        }

        /** By convention events of nodes bear the name as UID; by it "kubectl describe node" finds them. */
        public static Subject node(NodeName node) {
            return new Subject("v1", "Node", "", node.value(), node.value());
        }
    }

    public Notice {
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(reason, "reason");
        message = message.length() <= MESSAGE_LIMIT ? message : message.substring(0, MESSAGE_LIMIT - 3) + "...";
    }

    public static Notice warning(Subject subject, String reason, String message) {
        return new Notice(subject, true, reason, message);
    }

    /** Namespace of the event; those of cluster-wide objects are in "default". */
    String eventNamespace() {
        return subject.namespace().isEmpty() ? "default" : subject.namespace();
    }

    /** Name of the event: of the subject, and what tells this notice from others about it. */
    String eventName() {
        String name = subject.name().length() <= NAME_LIMIT
                ? subject.name()
                : subject.name().substring(0, NAME_LIMIT);
        return "%s.%016x".formatted(name, digest());
    }

    private long digest() {
        long hash = FNV_OFFSET;
        for (char c : toString().toCharArray()) {
            hash = (hash ^ c) * FNV_PRIME;
        }
        return hash;
    }

    /**
     * Its event.
     *
     * @param component who tells
     * @param host where that runs; empty: it does not matter
     */
    public Event event(String component, String host, long count, Instant now) {
        String at = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withName(eventName())
                .withNamespace(eventNamespace())
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(subject.apiVersion())
                .withKind(subject.kind())
                .withNamespace(subject.namespace().isEmpty() ? null : subject.namespace())
                .withName(subject.name())
                .withUid(subject.uid().isEmpty() ? null : subject.uid())
                .endInvolvedObject()
                .withType(warning ? "Warning" : "Normal")
                .withReason(reason)
                .withMessage(message)
                .withNewSource()
                .withComponent(component)
                .withHost(host.isEmpty() ? null : host)
                .endSource()
                .withCount((int) Math.min(count, Integer.MAX_VALUE))
                .withFirstTimestamp(at)
                .withLastTimestamp(at)
                .build();
    }
}
