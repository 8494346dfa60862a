package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.VSwitchId;
import java.time.Instant;
import java.util.List;

/** Where one ENI's operation stands. Each state holds what its next step needs and nothing else. */
public sealed interface EniState {

    /**
     * A create call is out.
     *
     * @param untried vSwitches left, the one being tried first
     * @param round how often a create has been tried after a search
     */
    record Creating(EniOrder order, List<VSwitchId> untried, int round, Instant deadline) implements EniState {
        public Creating {
            untried = List.copyOf(untried);
        }
    }

    /** It is unknown whether a create happened: the ENI is looked for by its operation tag, {@code looks} times so far. */
    record Searching(
            EniOrder order, List<VSwitchId> untried, int round, int looks, CloudFailure cause, Instant deadline)
            implements EniState {
        public Searching {
            untried = List.copyOf(untried);
        }
    }

    /** It exists, its attach call is out. */
    record Available(EniId eni, Seat seat, Leftover leftover, int attaches, Instant deadline) implements EniState {}

    /** The attach was accepted, or may have been. */
    record Attaching(EniId eni, Seat seat, Leftover leftover, int attaches, int looks, Instant deadline)
            implements EniState {}

    /** Done: attached and in use. */
    record InUse(NetworkInterface eni) implements EniState {}

    record Detaching(EniId eni, Ending ending, int looks, Instant deadline) implements EniState {}

    record Deleting(EniId eni, Ending ending, int looks, Instant deadline) implements EniState {}

    /** Done: Available and kept. */
    record Parked(NetworkInterface eni) implements EniState {}

    /** Done: the cloud no longer lists it. */
    record Gone(EniId eni) implements EniState {}

    /** Done, without success. */
    record Failed(CloudFailure cause) implements EniState {}

    /** What becomes of an ENI that cannot be attached. */
    enum Leftover {
        /** It was made for this attachment. */
        DELETED,
        /** It was there before. */
        KEPT
    }

    /** Why an ENI is taken down. */
    sealed interface Ending {
        /** Somebody asked for it. */
        record Wanted() implements Ending {}

        /** It shall be detached only. */
        record Kept() implements Ending {}

        /** It could not be attached for this reason, and must not be left behind. */
        record Cleanup(CloudFailure cause) implements Ending {}
    }

    default boolean terminal() {
        return switch (this) {
            case InUse _, Parked _, Gone _, Failed _ -> true;
            case Creating _, Searching _, Available _, Attaching _, Detaching _, Deleting _ -> false;
        };
    }
}
