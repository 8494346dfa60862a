package io.terway.ipam.cloud;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.terway.ipam.FailureClass;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.OperationResult;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.InstanceId;
import io.terway.wire.eni.v1.DescribeInstanceRequest;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.eclipse.microprofile.faulttolerance.exceptions.FaultToleranceException;
import org.jboss.logging.Logger;

/** Runs pool commands against eni-manager, one virtual thread each, and tells the loop how they ended. */
public final class CloudCalls implements Terms.Follower {

    /** Tells us, with a refusal, the highest term that eni-manager has seen. */
    static final Metadata.Key<String> SEEN_TERM = Metadata.Key.of("terway-seen-term", Metadata.ASCII_STRING_MARSHALLER);

    private static final Logger LOG = Logger.getLogger(CloudCalls.class);

    private final EniManager eniManager;
    private final LongConsumer seenTerms;
    private final AtomicInteger open = new AtomicInteger();
    /** Ids of operations that go on: the same operation is sent again under the same id. */
    private final Map<Key, String> ids = new ConcurrentHashMap<>();

    private final Troubles undescribed = new Troubles();

    /** Operation numbers begin anew in each term. */
    private record Key(long term, long operation) {}

    /** @param seenTerms told when eni-manager has seen a term above ours */
    public CloudCalls(EniManager eniManager, LongConsumer seenTerms) {
        this.eniManager = eniManager;
        this.seenTerms = seenTerms;
    }

    @Override
    public void begins(LoopThread loop) {}

    @Override
    public void ends(LoopThread loop) {
        ids.keySet().removeIf(key -> key.term() <= loop.term());
        undescribed.clear();
    }

    /** Calls under way. */
    public int open() {
        return open.get();
    }

    /** Starts a command; its end comes as an event of the same term, whatever happens. */
    public void run(LoopThread loop, PoolCommand command) {
        var key = new Key(loop.term(), command.operation());
        String id = ids.computeIfAbsent(key, _ -> UUID.randomUUID().toString());
        open.incrementAndGet();
        Thread.ofVirtual().name("eni-" + command.operation()).start(() -> {
            OperationResult result = new OperationResult.Unreached("the call ended without a result");
            try {
                result = call(command, id, loop.term());
            } catch (RuntimeException | Error e) { // unknown outcome: sent again under the same id
                LOG.errorf(e, "operation %s failed here", id);
                result = new OperationResult.Unreached("failed before an answer: " + e);
            } finally {
                open.decrementAndGet();
                if (!(result instanceof OperationResult.Unreached)) {
                    ids.remove(key, id);
                }
                loop.put(new IpamEvent.OperationEnded(command.operation(), result));
            }
        });
    }

    /** Asks for one instance. */
    public void describe(LoopThread loop, InstanceId instance, boolean fresh) {
        Thread.ofVirtual().name("describe-" + instance).start(() -> loop.put(described(instance, fresh)));
    }

    private IpamEvent described(InstanceId instance, boolean fresh) {
        try {
            var answer = eniManager.describe(DescribeInstanceRequest.newBuilder()
                    .setInstanceId(instance.value())
                    .setFresh(fresh)
                    .build());
            var seen = new IpamEvent.InstanceSeen(CloudWire.instance(answer));
            undescribed.over(instance);
            return seen;
        } catch (RuntimeException e) {
            if (undescribed.isNew(instance, cause(e))) {
                LOG.warnf(
                        "instance %s cannot be described (said once for this cause, others may share it): %s",
                        instance, e.getMessage());
            }
            return new IpamEvent.DescribeFailed(instance, "eni-manager: " + e.getMessage());
        }
    }

    /** The message, but for one that says how long was waited: it differs each time. */
    private static String cause(RuntimeException e) {
        Status.Code code = Status.fromThrowable(e).getCode();
        return code == Status.Code.DEADLINE_EXCEEDED ? code.name() : String.valueOf(e.getMessage());
    }

    private OperationResult call(PoolCommand command, String id, long term) {
        try {
            return switch (command) {
                case PoolCommand.CreateEni create ->
                    CloudWire.result(eniManager.create(CloudWire.request(create, id, term)));
                case PoolCommand.AssignAddresses assign ->
                    CloudWire.result(eniManager.assign(CloudWire.request(assign, id, term)));
                case PoolCommand.UnassignAddresses unassign ->
                    CloudWire.result(eniManager.unassign(CloudWire.request(unassign, id, term)));
                case PoolCommand.DeleteEni delete ->
                    CloudWire.result(eniManager.delete(CloudWire.request(delete, id, term)));
                case PoolCommand.DetachEni detach ->
                    CloudWire.result(eniManager.detach(CloudWire.request(detach, id, term)));
                case PoolCommand.AttachEni attach ->
                    CloudWire.result(eniManager.attach(CloudWire.request(attach, id, term)));
                case PoolCommand.ModifyEni modify ->
                    CloudWire.changed(eniManager.modify(CloudWire.request(modify, id, term)));
                case PoolCommand.PutRoute put ->
                    CloudWire.changed(eniManager.putRoute(CloudWire.request(put, id, term)));
                case PoolCommand.DeleteRoute delete ->
                    CloudWire.result(eniManager.deleteRoute(CloudWire.request(delete, id, term)));
            };
        } catch (StatusRuntimeException e) {
            String message = "eni-manager: " + e.getMessage();
            seen(e.getTrailers());
            return e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT
                    ? new OperationResult.Failed(FailureClass.INVALID, message, Duration.ZERO)
                    : new OperationResult.Unreached(message);
        } catch (FaultToleranceException e) {
            return new OperationResult.Unreached("eni-manager: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return new OperationResult.Failed(
                    FailureClass.UNKNOWN, "eni-manager answered unreadably: " + e.getMessage(), Duration.ZERO);
        }
    }

    private void seen(Metadata trailers) {
        String term = trailers == null ? null : trailers.get(SEEN_TERM);
        if (term != null && term.matches("[0-9]{1,18}")) {
            seenTerms.accept(Long.parseLong(term));
        }
    }
}
