package io.terway.eni.ecs;

import io.smallrye.faulttolerance.api.CircuitBreakerName;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudFailure.OutcomeUnknown;
import io.terway.eni.CloudFailure.Transient;
import io.terway.eni.CloudResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;

/**
 * The last step before the SDK: a time limit behind the transport's own, a bound on calls at once, and a breaker that
 * gives a cloud that does not answer a rest. It repeats nothing; that is {@link PacedCloud}'s part.
 *
 * <p>Only a cloud that is down or silent opens the breaker. A refusal, throttling included, is an answer.
 */
@ApplicationScoped
public class CloudEdge {

    private static final int CALLS_AT_ONCE = 128;
    private static final long REST_MS = 3000;

    /** A failure on its way to the breaker; it never leaves {@link PacedCloud}. */
    static final class CloudDown extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient CloudFailure failure;

        CloudDown(CloudFailure failure) {
            super(failure.code(), null, false, false);
            this.failure = failure;
        }

        CloudFailure failure() {
            return failure;
        }
    }

    public static final String MUTATIONS = "mutations";
    public static final String READS = "reads";

    /** A call that changes something. */
    @Timeout(value = 12, unit = ChronoUnit.SECONDS)
    @Bulkhead(CALLS_AT_ONCE)
    @CircuitBreaker(requestVolumeThreshold = 20, failureRatio = 0.8, delay = REST_MS, failOn = CloudDown.class)
    @CircuitBreakerName(MUTATIONS)
    public <T> CloudResult<T> mutate(Supplier<CloudResult<T>> call) {
        return judged(call.get());
    }

    /** A call that only reads. */
    @Timeout(value = 15, unit = ChronoUnit.SECONDS)
    @Bulkhead(CALLS_AT_ONCE)
    @CircuitBreaker(requestVolumeThreshold = 20, failureRatio = 0.8, delay = REST_MS, failOn = CloudDown.class)
    @CircuitBreakerName(READS)
    public <T> CloudResult<T> read(Supplier<CloudResult<T>> call) {
        return judged(call.get());
    }

    private static <T> CloudResult<T> judged(CloudResult<T> result) {
        if (result instanceof CloudResult.Failed<T>(CloudFailure failure)
                && (failure instanceof Transient || failure instanceof OutcomeUnknown)) {
            throw new CloudDown(failure);
        }
        return result;
    }
}
