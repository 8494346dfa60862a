package io.terway.eni.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.CloudSide;
import io.terway.net.InstanceId;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.InstanceUpdate;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One client's view of the inventory. What changed is remembered as instance ids, so a slow client costs at most one
 * entry per instance and gets the newest state of each.
 */
final class WatchStream implements Consumer<InstanceId> {

    private static final Duration LOOK_AROUND = Duration.ofMillis(200);

    private final CloudSide cloud;
    private final Leader leader;
    private final ServerCallStreamObserver<InstanceUpdate> out;
    private final Function<InstanceId, Optional<Instance>> read;
    private final long term;

    // guarded by this
    private final Set<InstanceId> dirty = new LinkedHashSet<>();
    private volatile Thread pump;

    WatchStream(
            CloudSide cloud,
            Leader leader,
            ServerCallStreamObserver<InstanceUpdate> out,
            Function<InstanceId, Optional<Instance>> read) {
        this.cloud = cloud;
        this.leader = leader;
        this.out = out;
        this.read = read;
        term = leader.term();
    }

    void start() {
        // Without a handler a cancelled call throws from onNext; the pump asks isCancelled itself.
        out.setOnCancelHandler(this::wake);
        out.setOnReadyHandler(this::wake);
        pump = Thread.ofVirtual().name("watch").start(this::run);
    }

    private void wake() {
        LockSupport.unpark(pump);
    }

    @Override
    public synchronized void accept(InstanceId changed) {
        dirty.add(changed);
        wake();
    }

    private void run() {
        cloud.inventory().listen(this);
        try {
            while (goesOn() && !cloud.inventory().synced()) {
                pause();
            }
            synchronized (this) {
                dirty.addAll(cloud.inventory().ids());
            }
            sendDirty();
            if (goesOn()) {
                out.onNext(InstanceUpdate.newBuilder()
                        .setTerm(term)
                        .setSynced(true)
                        .build());
            }
            while (goesOn()) {
                sendDirty();
                pause();
            }
            if (!out.isCancelled()) {
                out.onError(Status.FAILED_PRECONDITION
                        .withDescription(Leader.NOT_LEADER)
                        .asRuntimeException());
            }
        } finally {
            cloud.inventory().unlisten(this);
        }
    }

    private void sendDirty() {
        Optional<InstanceId> next = poll();
        while (next.isPresent() && goesOn()) {
            if (out.isReady()) {
                read.apply(next.get())
                        .ifPresent(instance -> out.onNext(InstanceUpdate.newBuilder()
                                .setTerm(term)
                                .setInstance(instance)
                                .build()));
                next = poll();
            } else {
                pause();
            }
        }
    }

    private synchronized Optional<InstanceId> poll() {
        Optional<InstanceId> first = dirty.stream().findFirst();
        first.ifPresent(dirty::remove);
        return first;
    }

    private boolean goesOn() {
        return !out.isCancelled() && leader.term() == term;
    }

    private static void pause() {
        LockSupport.parkNanos(LOOK_AROUND.toNanos());
    }
}
