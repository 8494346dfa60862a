package io.terway.policy.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.terway.net.Ip;
import io.terway.policy.PolicyCluster;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Holder;
import io.terway.wire.policy.v1.NameReply;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Who has an address. The index costs as much as the cluster has pods, so it is made when somebody asks, and serves
 * everybody for a while. Any thread; blocks.
 */
final class Holders {

    /** Addresses in one question. */
    static final int MOST = 256;

    private static final Duration KEPT = Duration.ofSeconds(10);
    private static final Duration SNAPSHOT_WITHIN = Duration.ofSeconds(5);

    private final Supplier<Future<PolicyCluster>> snapshots;
    private Map<Ip, Holder> index = Map.of(); // guarded by this
    private long madeAt = System.nanoTime() - KEPT.toNanos(); // guarded by this

    /** @param snapshots asks for the cluster as it is */
    Holders(Supplier<Future<PolicyCluster>> snapshots) {
        this.snapshots = snapshots;
    }

    /**
     * Those that are known.
     *
     * @throws IllegalArgumentException when there are too many, or one is no address
     * @throws IllegalStateException when the cluster is not known within time
     */
    NameReply of(List<ByteString> addresses) {
        if (addresses.size() > MOST) {
            throw new IllegalArgumentException(
                    "addresses: " + addresses.size() + " at once, at most " + MOST + " are allowed");
        }
        Map<Ip, Holder> now = index();
        NameReply.Builder reply = NameReply.newBuilder();
        for (ByteString address : addresses) {
            Holder holder = now.get(Ip.of(address.toByteArray()));
            if (holder != null) {
                reply.addHolders(holder);
            }
        }
        return reply.build();
    }

    private synchronized Map<Ip, Holder> index() {
        if (System.nanoTime() - madeAt >= KEPT.toNanos()) {
            index = index(snapshot());
            madeAt = System.nanoTime();
        }
        return index;
    }

    private PolicyCluster snapshot() {
        try {
            return snapshots.get().get(SNAPSHOT_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("no look at the cluster within " + SNAPSHOT_WITHIN.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Map<Ip, Holder> index(PolicyCluster cluster) {
        Map<Ip, Holder> index = new HashMap<>();
        cluster.nodes()
                .forEach(node -> node.addresses()
                        .forEach(ip -> index.put(
                                ip, holder(ip).setNode(node.name().value()).build())));
        cluster.pods().forEach(pod -> {
            Pod named = Pod.newBuilder()
                    .setNamespace(pod.ref().namespace())
                    .setName(pod.ref().name())
                    .setUid(pod.uid())
                    .build();
            pod.ips().forEach(ip -> index.put(ip, holder(ip).setPod(named).build()));
        });
        return index;
    }

    private static Holder.Builder holder(Ip ip) {
        return Holder.newBuilder().setAddress(UnsafeByteOperations.unsafeWrap(ip.bytes()));
    }
}
