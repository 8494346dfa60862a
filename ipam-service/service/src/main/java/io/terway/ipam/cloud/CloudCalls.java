package io.terway.ipam.cloud;

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
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.faulttolerance.exceptions.FaultToleranceException;
import org.jboss.logging.Logger;

/** Runs pool commands against eni-manager, one virtual thread each, and tells the loop how they ended. */
public final class CloudCalls implements Terms.Follower {

    private static final Logger LOG = Logger.getLogger(CloudCalls.class);

    private final EniManager eniManager;
    private final Terms terms;
    /** Operation ids of open operations: the same operation is sent again under the same id. */
    private final Map<Long, String> ids = new ConcurrentHashMap<>();

    public CloudCalls(EniManager eniManager, Terms terms) {
        this.eniManager = eniManager;
        this.terms = terms;
    }

    @Override
    public void begins(LoopThread loop) {
        ids.clear();
    }

    @Override
    public void ends(LoopThread loop) {
        ids.clear();
    }

    /** Starts a command; its end comes as an event of the same term. */
    public void run(PoolCommand command) {
        Optional<LoopThread> loop = terms.current();
        String id =
                ids.computeIfAbsent(command.operation(), _ -> UUID.randomUUID().toString());
        loop.ifPresent(term -> Thread.ofVirtual()
                .name("eni-" + command.operation())
                .start(() -> {
                    OperationResult result = call(command, id);
                    if (!(result instanceof OperationResult.Unreached)) {
                        ids.remove(command.operation());
                    }
                    term.put(new IpamEvent.OperationEnded(command.operation(), result));
                }));
    }

    /** Asks for one instance. */
    public void describe(InstanceId instance) {
        terms.current()
                .ifPresent(term -> Thread.ofVirtual()
                        .name("describe-" + instance)
                        .start(() -> {
                            try {
                                var answer = eniManager.describe(DescribeInstanceRequest.newBuilder()
                                        .setInstanceId(instance.value())
                                        .build());
                                term.put(new IpamEvent.InstanceSeen(CloudWire.instance(answer)));
                            } catch (StatusRuntimeException | FaultToleranceException | IllegalArgumentException e) {
                                LOG.warnf("instance %s cannot be described: %s", instance, e.getMessage());
                                term.put(new IpamEvent.DescribeFailed(instance, "eni-manager: " + e.getMessage()));
                            }
                        }));
    }

    private OperationResult call(PoolCommand command, String id) {
        try {
            return switch (command) {
                case PoolCommand.CreateEni create -> CloudWire.result(eniManager.create(CloudWire.request(create, id)));
                case PoolCommand.AssignAddresses assign ->
                    CloudWire.result(eniManager.assign(CloudWire.request(assign, id)));
                case PoolCommand.UnassignAddresses unassign ->
                    CloudWire.result(eniManager.unassign(CloudWire.request(unassign, id)));
                case PoolCommand.DeleteEni delete -> CloudWire.result(eniManager.delete(CloudWire.request(delete, id)));
            };
        } catch (StatusRuntimeException e) {
            String message = "eni-manager: " + e.getMessage();
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
}
