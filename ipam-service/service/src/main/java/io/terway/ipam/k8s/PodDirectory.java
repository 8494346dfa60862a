package io.terway.ipam.k8s;

import io.terway.ipam.SessionId;
import io.terway.net.NodeName;
import io.terway.wire.ipam.v1.KnownPod;
import io.terway.wire.ipam.v1.PodUpdate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Which pods are scheduled to which node, and the agents that want to know. A reader gets the full list, then changes, in order. */
public final class PodDirectory {

    /** Pods in one message. */
    static final int BATCH = 200;

    private final Map<NodeName, OfNode> pods = new HashMap<>(); // guarded by this
    private final Map<String, OfNode> nodeOf = new HashMap<>(); // guarded by this
    private final Map<NodeName, Reader> readers = new HashMap<>(); // guarded by this
    private boolean complete; // guarded by this

    /** A node's pods by UID. */
    private record OfNode(NodeName node, Map<String, KnownPod> pods) {

        OfNode(NodeName node) {
            this(node, new LinkedHashMap<>());
        }
    }

    private record Reader(SessionId session, Consumer<PodUpdate> sink) {}

    /** Begins to tell a session about its node's pods; the newest session of a node counts. */
    public synchronized void subscribe(NodeName node, SessionId session, Consumer<PodUpdate> sink) {
        Reader reader = new Reader(session, sink);
        readers.put(node, reader);
        if (complete) {
            full(node, reader);
        }
    }

    public synchronized void unsubscribe(NodeName node, SessionId session) {
        Reader reader = readers.get(node);
        if (reader != null && reader.session.equals(session)) {
            readers.remove(node);
        }
    }

    /** The first list has been read: until then no list is complete. */
    synchronized void completed() {
        if (!complete) {
            complete = true;
            readers.forEach(this::full);
        }
    }

    synchronized void put(NodeName node, KnownPod pod) {
        String uid = pod.getPod().getUid();
        OfNode ofNode = pods.computeIfAbsent(node, OfNode::new);
        nodeOf.put(uid, ofNode);
        KnownPod before = ofNode.pods.put(uid, pod);
        if (!sameForAgents(before, pod)) {
            tell(node, PodUpdate.newBuilder().addPods(pod).build());
        }
    }

    /** Annotations of ours on the pod with this UID; empty while we have not seen it on a node. */
    public synchronized Optional<Map<String, String>> annotations(String uid) {
        return Optional.ofNullable(nodeOf.get(uid))
                .map(ofNode -> ofNode.pods.get(uid).getAnnotationsMap());
    }

    synchronized void remove(String uid) {
        OfNode ofNode = nodeOf.remove(uid);
        if (ofNode == null) {
            return;
        }
        ofNode.pods.remove(uid);
        if (ofNode.pods.isEmpty()) {
            pods.remove(ofNode.node);
        }
        tell(ofNode.node, PodUpdate.newBuilder().addGone(uid).build());
    }

    /** Another shard serves the node: its pods are none of ours. */
    synchronized void forget(NodeName node) {
        OfNode ofNode = pods.remove(node);
        if (ofNode != null) {
            nodeOf.keySet().removeAll(ofNode.pods.keySet());
        }
    }

    /** Status changes come often and mean nothing to an agent. */
    private static boolean sameForAgents(KnownPod before, KnownPod pod) {
        return before != null
                && before.getAnnotationsMap().equals(pod.getAnnotationsMap())
                && before.getHostNetwork() == pod.getHostNetwork();
    }

    private void tell(NodeName node, PodUpdate update) {
        if (complete) {
            Optional.ofNullable(readers.get(node)).ifPresent(reader -> reader.sink.accept(update));
        }
    }

    private void full(NodeName node, Reader reader) {
        List<KnownPod> all = Optional.ofNullable(pods.get(node))
                .map(ofNode -> List.copyOf(ofNode.pods.values()))
                .orElse(List.of());
        for (int from = 0; from == 0 || from < all.size(); from += BATCH) {
            reader.sink.accept(PodUpdate.newBuilder()
                    .setFull(from == 0)
                    .addAllPods(all.subList(from, Math.min(all.size(), from + BATCH)))
                    .build());
        }
    }
}
