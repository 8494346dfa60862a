package io.terway.policy.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.terway.net.NodeName;
import io.terway.policy.NodePrograms;
import io.terway.wire.policy.v1.IsolationIndex;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.PolicyUpdate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One agent's stream and what it has been sent. Differences wait while the stream is not ready: a slow reader gets fewer,
 * larger updates, and holds no queue. Owned by the compile thread, except {@link #acknowledged}.
 */
final class Subscriber {

    private final NodeName node;
    private final ServerCallStreamObserver<PolicyUpdate> stream;
    private final Map<String, io.terway.wire.policy.v1.Program> programs = new HashMap<>();
    private final Map<String, PodPrograms> pods = new HashMap<>();
    private Optional<IsolationIndex> index = Optional.empty();
    private long revision;
    private volatile long acknowledgedRevision;

    Subscriber(NodeName node, ServerCallStreamObserver<PolicyUpdate> stream) {
        this.node = node;
        this.stream = stream;
    }

    NodeName node() {
        return node;
    }

    boolean gone() {
        return stream.isCancelled();
    }

    boolean ready() {
        return stream.isReady();
    }

    void acknowledged(long upTo) {
        acknowledgedRevision = Math.max(acknowledgedRevision, upTo);
    }

    /** Revisions sent and not acknowledged yet. */
    long behind() {
        return revision - acknowledgedRevision;
    }

    /**
     * Sends what changed since the last call; nothing when nothing did. The first call sends everything.
     *
     * @param wire a program's message, made once for all subscribers that share the program
     */
    void send(NodePrograms next, Function<io.terway.policy.Program, io.terway.wire.policy.v1.Program> wire) {
        var update = PolicyUpdate.newBuilder().setFull(revision == 0);
        Set<String> used = new HashSet<>();
        Map<String, PodPrograms> wanted = new HashMap<>();
        next.pods().forEach((uid, bound) -> {
            String ingress = offer(bound.ingress().map(wire), used, update);
            String egress = offer(bound.egress().map(wire), used, update);
            wanted.put(uid, ProgramWire.of(bound, ingress, egress));
        });
        wanted.forEach((uid, pod) -> {
            if (!pod.equals(pods.put(uid, pod))) {
                update.addPods(pod);
            }
        });
        pods.keySet().stream().filter(uid -> !wanted.containsKey(uid)).sorted().forEach(update::addRemovedPods);
        programs.keySet().stream().filter(id -> !used.contains(id)).sorted().forEach(update::addRemovedPrograms);
        pods.keySet().retainAll(wanted.keySet());
        programs.keySet().retainAll(used);
        IsolationIndex nextIndex = IsolationIndex.newBuilder()
                .addAllNamespaces(next.isolatedNamespaces())
                .build();
        boolean indexChanged = !index.equals(Optional.of(nextIndex));
        if (indexChanged) {
            index = Optional.of(nextIndex);
            update.setIndex(nextIndex);
        }
        boolean changed = update.getProgramsCount()
                        + update.getPodsCount()
                        + update.getRemovedPodsCount()
                        + update.getRemovedProgramsCount()
                > 0;
        if (changed || indexChanged) {
            stream.onNext(update.setRevision(++revision).build());
        }
    }

    private String offer(
            Optional<io.terway.wire.policy.v1.Program> program, Set<String> used, PolicyUpdate.Builder update) {
        if (program.isEmpty()) {
            return "";
        }
        var message = program.get();
        if (used.add(message.getId()) && programs.putIfAbsent(message.getId(), message) == null) {
            update.addPrograms(message);
        }
        return message.getId();
    }
}
