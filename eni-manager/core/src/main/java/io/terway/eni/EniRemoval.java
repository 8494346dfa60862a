package io.terway.eni;

import io.terway.eni.CloudFailure.AlreadyGone;
import io.terway.eni.CloudFailure.AlreadyThere;
import io.terway.eni.CloudFailure.Busy;
import io.terway.eni.CloudFailure.DryRunPassed;
import io.terway.eni.CloudFailure.Forbidden;
import io.terway.eni.CloudFailure.Invalid;
import io.terway.eni.CloudFailure.NotFound;
import io.terway.eni.CloudFailure.NotOurs;
import io.terway.eni.CloudFailure.OutcomeUnknown;
import io.terway.eni.CloudFailure.QuotaReached;
import io.terway.eni.CloudFailure.Throttled;
import io.terway.eni.CloudFailure.TokenBurnt;
import io.terway.eni.CloudFailure.Transient;
import io.terway.eni.CloudFailure.Unrecognised;
import io.terway.eni.CloudFailure.VSwitchExhausted;
import io.terway.eni.CloudFailure.WrongState;
import io.terway.eni.EniEvent.Absent;
import io.terway.eni.EniEvent.Accepted;
import io.terway.eni.EniEvent.CallFailed;
import io.terway.eni.EniEvent.Created;
import io.terway.eni.EniEvent.Seen;
import io.terway.eni.EniState.Deleting;
import io.terway.eni.EniState.Detaching;
import io.terway.eni.EniState.Ending;
import io.terway.eni.EniState.Failed;
import io.terway.eni.EniState.Gone;
import io.terway.eni.EniState.Parked;
import io.terway.net.EniId;
import java.time.Instant;

/** The half of the life cycle that takes an ENI down: detach, wait, delete, wait until it is no longer listed. */
final class EniRemoval {

    /** Every so many looks without progress a detach or delete is issued again. */
    static final int REISSUE_EVERY = 6;

    private EniRemoval() {}

    static Transition onDetaching(Detaching state, EniEvent event, Instant now) {
        return switch (event) {
            case Accepted _ -> Transition.look(state, state.eni(), state.looks());
            case Seen(NetworkInterface eni)
            when now.isBefore(state.deadline()) -> proceed(eni, state.ending(), state.looks() + 1, state.deadline());
            case Seen(NetworkInterface eni) -> Transition.end(new Failed(late(state.ending(), eni.id(), "detached")));
            case Absent _ -> gone(state.eni(), state.ending());
            case CallFailed(CloudFailure failure) -> {
                Detaching next = new Detaching(state.eni(), state.ending(), state.looks() + 1, state.deadline());
                yield hopeless(failure) || now.isAfter(state.deadline())
                        ? Transition.end(new Failed(failure))
                        : Transition.look(next, state.eni(), next.looks());
            }
            case Created _ -> throw EniLifecycle.unexpected(state, event);
        };
    }

    static Transition onDeleting(Deleting state, EniEvent event, Instant now) {
        return switch (event) {
            case Accepted _ -> Transition.look(state, state.eni(), state.looks());
            case Absent _ -> gone(state.eni(), state.ending());
            case CallFailed(NotFound _) -> gone(state.eni(), state.ending());
            case CallFailed(CloudFailure failure)
            when hopeless(failure) || now.isAfter(state.deadline()) -> Transition.end(new Failed(failure));
            case CallFailed _ -> Transition.look(lookedOnce(state), state.eni(), state.looks());
            case Seen(NetworkInterface eni)
            when now.isAfter(state.deadline()) -> Transition.end(new Failed(late(state.ending(), eni.id(), "deleted")));
            case Seen(NetworkInterface eni) -> stillThere(lookedOnce(state), eni);
            case Created _ -> throw EniLifecycle.unexpected(state, event);
        };
    }

    private static Transition stillThere(Deleting state, NetworkInterface eni) {
        if (eni.status() == EniStatus.IN_USE && eni.attachment().seat().isPresent()) {
            return proceed(eni, state.ending(), state.looks(), state.deadline());
        }
        return state.looks() % REISSUE_EVERY == 0
                ? delete(eni.id(), state.ending(), state.looks(), state.deadline())
                : Transition.look(state, eni.id(), state.looks());
    }

    /** The next call for an ENI that is to go, by the status it was just seen in. */
    static Transition proceed(NetworkInterface eni, Ending ending, int looks, Instant deadline) {
        Detaching detaching = new Detaching(eni.id(), ending, looks, deadline);
        return switch (eni.status()) {
            case IN_USE ->
                looks % REISSUE_EVERY == 0 && eni.attachment().seat().isPresent()
                        ? Transition.to(
                                detaching,
                                new EniCommand.Detach(
                                        eni.id(), eni.attachment().seat().get()))
                        : Transition.look(detaching, eni.id(), looks);
            case ATTACHING, DETACHING, CREATING -> Transition.look(detaching, eni.id(), looks);
            case AVAILABLE, FAILED ->
                switch (ending) {
                    case Ending.Kept _ -> Transition.end(new Parked(eni));
                    case Ending.Wanted _, Ending.Cleanup _ -> delete(eni.id(), ending, 0, deadline);
                };
            case DELETING -> Transition.look(new Deleting(eni.id(), ending, 1, deadline), eni.id(), 1);
        };
    }

    private static Transition gone(EniId eni, Ending ending) {
        return switch (ending) {
            case Ending.Wanted _ -> Transition.end(new Gone(eni));
            case Ending.Kept _ ->
                Transition.end(new Failed(
                        new NotFound("InvalidEniId.NotFound", eni + " is gone; it cannot be kept, order another one")));
            case Ending.Cleanup(CloudFailure cause) -> Transition.end(new Failed(cause));
        };
    }

    private static boolean hopeless(CloudFailure failure) {
        return switch (failure) {
            case Forbidden _, Invalid _, NotOurs _, DryRunPassed _ -> true;
            case Throttled _,
                    Transient _,
                    OutcomeUnknown _,
                    Busy _,
                    TokenBurnt _,
                    VSwitchExhausted _,
                    QuotaReached _,
                    WrongState _,
                    NotFound _,
                    AlreadyThere _,
                    AlreadyGone _,
                    Unrecognised _ -> false;
        };
    }

    static Transition delete(EniId eni, Ending ending, int looks, Instant deadline) {
        return Transition.to(new Deleting(eni, ending, looks, deadline), new EniCommand.Delete(eni));
    }

    private static Deleting lookedOnce(Deleting state) {
        return new Deleting(state.eni(), state.ending(), state.looks() + 1, state.deadline());
    }

    private static CloudFailure late(Ending ending, EniId eni, String what) {
        return switch (ending) {
            case Ending.Wanted _, Ending.Kept _ ->
                new Transient("RemovalTimeout", eni + " is not " + what + " yet; repeat the operation");
            case Ending.Cleanup(CloudFailure cause) -> cause;
        };
    }
}
