package io.terway.eni.operation;

import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.k8s.Leader;

/** Ends an operation between two calls because another process may lead now; that one finds what was begun. */
public final class LeadershipLost extends RuntimeException {

    private static final long serialVersionUID = 1;

    LeadershipLost() {
        super(Leader.NOT_LEADER, null, false, false);
    }

    /** Passes a result through, except a refusal for want of a lease. */
    static <T> CloudResult<T> unlessLost(CloudResult<T> result) {
        if (result instanceof CloudResult.Failed<T>(CloudFailure failure)
                && failure.code().equals(Leader.NOT_LEADER)) {
            throw new LeadershipLost();
        }
        return result;
    }
}
