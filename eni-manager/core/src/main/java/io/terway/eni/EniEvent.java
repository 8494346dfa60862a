package io.terway.eni;

/** What the executor of an {@link EniCommand} saw. */
public sealed interface EniEvent {

    /** The create call answered. */
    record Created(NetworkInterface eni) implements EniEvent {}

    /** An attach, detach or delete was accepted. */
    record Accepted() implements EniEvent {}

    /** The call failed, after the retries its class allows. */
    record CallFailed(CloudFailure failure) implements EniEvent {}

    /** A look found the ENI. */
    record Seen(NetworkInterface eni) implements EniEvent {}

    /** A look that itself succeeded found no such ENI. */
    record Absent() implements EniEvent {}
}
