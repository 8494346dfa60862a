package io.terway.eni.sim.ecs;

import java.time.Instant;

/** The life of an ENI. Each state holds what exists only in it; {@code due} of {@link Instant#MAX} means stuck. */
public sealed interface EniState {

    /** The status that the API shows. */
    default String wireName() {
        return switch (this) {
            case Available a -> "Available";
            case Attaching a -> "Attaching";
            case Plugging p -> "Attaching";
            case InUse u -> "InUse";
            case Detaching d -> "Detaching";
            case Unplugging u -> "Detaching";
            case Deleting d -> "Deleting";
        };
    }

    record Available() implements EniState {}

    /** Waits for the cloud; the instance sees nothing yet. */
    record Attaching(Attachment to, Instant due) implements EniState {}

    /** The data plane is plugging it in. */
    record Plugging(Attachment to) implements EniState {}

    record InUse(Attachment at) implements EniState {}

    /** Waits for the cloud; packets still flow. */
    record Detaching(Attachment from, Instant due) implements EniState {}

    /** The data plane is pulling it out. */
    record Unplugging(Attachment from) implements EniState {}

    record Deleting(Instant due) implements EniState {}
}
