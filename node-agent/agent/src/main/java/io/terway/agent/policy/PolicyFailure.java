package io.terway.agent.policy;

/** Policy is not in force, and why. */
final class PolicyFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    PolicyFailure(String message) {
        super(message);
    }
}
