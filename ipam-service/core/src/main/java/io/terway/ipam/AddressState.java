package io.terway.ipam;

import java.time.Instant;

/** Where an address stands between cloud, node and pod, as the leader sees it. */
public sealed interface AddressState {

    /** The cloud has it on the ENI; the node has not been offered it. */
    record Supplied() implements AddressState {}

    /** Offered and free. */
    record Idle(Instant since) implements AddressState {}

    /** Offered and kept for one request until it is bound or the request's time is over. */
    record Reserved(RequestId request) implements AddressState {}

    /** A sandbox holds it. */
    record Bound(Binding binding) implements AddressState {}

    /** Freed lately: neither idle nor withdrawable. */
    record Cooling(Holder lastHolder, Instant until) implements AddressState {}

    /** The agent was asked to stop using it. */
    record Withdrawing(long number) implements AddressState {}

    /** The agent has acknowledged, durably: nothing uses it. */
    record Withdrawn() implements AddressState {}

    /** Being taken off the ENI. */
    record Unassigning(long operation) implements AddressState {}

    /** Taken off; kept until the cloud shows it absent, so that a stale sight does not bring it back. */
    record Gone(Instant since) implements AddressState {}
}
