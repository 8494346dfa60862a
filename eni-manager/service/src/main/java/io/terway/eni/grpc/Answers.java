package io.terway.eni.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.LeadershipLost;
import io.terway.eni.operation.Operations;
import io.terway.eni.state.TermOver;
import io.terway.net.InstanceId;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Ends a call: with its reply, or with the one status that fits why there is none. */
final class Answers {

    /** Goes with the refusal of a lower term: the highest one seen, so that a leader can take a higher one. */
    static final Metadata.Key<String> SEEN_TERM = Metadata.Key.of("terway-seen-term", Metadata.ASCII_STRING_MARSHALLER);

    private static final Logger LOG = Logger.getLogger(Answers.class);

    private final Leader leader;

    Answers(Leader leader) {
        this.leader = leader;
    }

    /**
     * Does the work on a virtual thread of its own. Not by RunOnVirtualThread: that starts the call itself late, and a
     * half-close then overtakes its message (quarkus issue 48940): "Half-closed without a request", or no answer at all.
     */
    <T> void answer(StreamObserver<T> out, Supplier<T> work) {
        Thread.startVirtualThread(Context.current().wrap(() -> run(out, work)));
    }

    private <T> void run(StreamObserver<T> out, Supplier<T> work) {
        if (!leader.leading()) {
            out.onError(notLeader());
            return;
        }
        try {
            T reply = work.get();
            out.onNext(reply);
            out.onCompleted();
        } catch (StatusRuntimeException refused) {
            out.onError(refused);
        } catch (LeadershipLost lost) {
            out.onError(notLeader());
        } catch (TermOver stale) {
            Metadata trailers = new Metadata();
            trailers.put(SEEN_TERM, Long.toString(stale.seen()));
            out.onError(Status.FAILED_PRECONDITION
                    .withDescription(stale.getMessage())
                    .asRuntimeException(trailers));
        } catch (UncheckedIOException unwritable) {
            out.onError(
                    Status.UNAVAILABLE.withDescription(unwritable.getMessage()).asRuntimeException());
        } catch (Operations.TooMany full) {
            out.onError(
                    Status.RESOURCE_EXHAUSTED.withDescription(full.getMessage()).asRuntimeException());
        } catch (RuntimeException bug) {
            // The top of this thread: a call that nobody ends would wait for its deadline.
            LOG.error("a call ended in a way that nobody foresaw", bug);
            out.onError(Status.INTERNAL.withDescription(bug.toString()).asRuntimeException());
        }
    }

    static StatusRuntimeException notLeader() {
        return Status.FAILED_PRECONDITION.withDescription(Leader.NOT_LEADER).asRuntimeException();
    }

    /** What a read gave. */
    static <T> T value(CloudResult<T> result) {
        return switch (result) {
            case CloudResult.Ok<T>(T value) -> value;
            case CloudResult.Failed<T>(CloudFailure failure) ->
                throw status(failure)
                        .withDescription(failure.code() + ": " + failure.message())
                        .asRuntimeException();
        };
    }

    /** The status of a read that failed, by the same classes as the outcomes. */
    private static Status status(CloudFailure failure) {
        return switch (EniWire.to(failure).getClass_()) {
            case THROTTLED, TRANSIENT, CONFLICT -> Status.UNAVAILABLE;
            case QUOTA, V_SWITCH_EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case NOT_FOUND -> Status.NOT_FOUND;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case INVALID -> Status.INVALID_ARGUMENT;
            case UNKNOWN, CLASS_UNSPECIFIED, UNRECOGNIZED -> Status.UNKNOWN;
        };
    }

    static StatusRuntimeException unknown(InstanceId id, String region) {
        return Status.NOT_FOUND
                .withDescription("instance " + id + " is not listed in " + region
                        + "; check the id and the RAM permission ecs:DescribeInstances")
                .asRuntimeException();
    }

    static StatusRuntimeException noInstance() {
        return Status.UNAVAILABLE
                .withDescription("no instance of this cluster is known yet; describe one, then ask again")
                .asRuntimeException();
    }
}
