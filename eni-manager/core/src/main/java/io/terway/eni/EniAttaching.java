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
import io.terway.eni.EniState.Attaching;
import io.terway.eni.EniState.Available;
import io.terway.eni.EniState.Ending;
import io.terway.eni.EniState.Failed;
import io.terway.eni.EniState.InUse;
import io.terway.eni.EniState.Leftover;
import io.terway.net.EniId;
import java.time.Instant;

/** The half of the life cycle that plugs an ENI in: attach, wait, attach again where it got stuck. */
final class EniAttaching {

    private EniAttaching() {}

    /** Starts attaching an ENI that was just seen and is kept whatever happens. */
    static Transition start(NetworkInterface eni, Seat seat, Instant deadline) {
        Attaching attaching = new Attaching(eni.id(), seat, Leftover.KEPT, 1, 0, deadline);
        return switch (eni.status()) {
            case IN_USE -> settled(attaching, eni);
            case AVAILABLE -> attach(eni.id(), seat, Leftover.KEPT, 1, deadline);
            case CREATING, ATTACHING, DETACHING -> Transition.look(attaching, eni.id(), 0);
            case DELETING, FAILED -> Transition.end(new Failed(lost(eni.id())));
        };
    }

    static Transition onAvailable(Available state, EniEvent event) {
        return switch (event) {
            case Accepted _ -> Transition.look(attaching(state), state.eni(), 0);
            case CallFailed(CloudFailure failure) ->
                switch (failure) {
                    case OutcomeUnknown _,
                            Transient _,
                            Busy _,
                            WrongState _,
                            AlreadyThere _,
                            NotFound _,
                            Throttled _,
                            TokenBurnt _ -> Transition.look(attaching(state), state.eni(), 0);
                    case QuotaReached _,
                            VSwitchExhausted _,
                            AlreadyGone _,
                            NotOurs _,
                            Forbidden _,
                            Invalid _,
                            DryRunPassed _,
                            Unrecognised _ -> leave(attaching(state), failure, state.deadline());
                };
            case Created _, Seen _, Absent _ -> throw EniLifecycle.unexpected(state, event);
        };
    }

    static Transition onAttaching(Attaching state, EniEvent event, Instant now) {
        if (now.isAfter(state.deadline())) {
            return giveUpAttaching(state, event);
        }
        return switch (event) {
            case Seen(NetworkInterface eni) ->
                switch (eni.status()) {
                    case IN_USE -> settled(state, eni);
                    case AVAILABLE -> attachAgain(state);
                    case CREATING, ATTACHING, DETACHING -> lookAgain(state);
                    case DELETING, FAILED -> leave(state, lost(state.eni()), state.deadline());
                };
            case Absent _, CallFailed _ -> lookAgain(state);
            case Created _, Accepted _ -> throw EniLifecycle.unexpected(state, event);
        };
    }

    /** An ENI still Available after looks that outlast the describe lag was never attached. */
    private static Transition attachAgain(Attaching state) {
        if (state.looks() < 2) {
            return lookAgain(state);
        }
        return state.attaches() < EniLifecycle.MAX_ATTACHES
                ? attach(state.eni(), state.seat(), state.leftover(), state.attaches() + 1, state.deadline())
                : leave(state, notAttached(state), state.deadline());
    }

    /** In use is the end only where it was wanted; a member needs its VLAN id too, which may show later. */
    static Transition settled(Attaching state, NetworkInterface eni) {
        if (eni.attachment().fills(state.seat())) {
            return Transition.end(new InUse(eni));
        }
        boolean elsewhere = eni.attachment()
                .instance()
                .filter(on -> !on.equals(state.seat().instance()))
                .isPresent();
        return elsewhere ? Transition.end(new Failed(elsewhere(state, eni))) : lookAgain(state);
    }

    /** What was made for an attachment that fails must not stay; what was there before must. */
    private static Transition leave(Attaching state, CloudFailure cause, Instant deadline) {
        return switch (state.leftover()) {
            case DELETED -> EniRemoval.delete(state.eni(), new Ending.Cleanup(cause), 0, deadline);
            case KEPT -> Transition.end(new Failed(cause));
        };
    }

    private static Transition giveUpAttaching(Attaching state, EniEvent event) {
        return switch (event) {
            case Seen(NetworkInterface eni)
            when eni.status() == EniStatus.IN_USE && eni.attachment().fills(state.seat()) ->
                Transition.end(new InUse(eni));
            case Seen(NetworkInterface eni)
            when eni.status() == EniStatus.AVAILABLE ->
                leave(state, notAttached(state), state.deadline().plus(Transition.SLOWEST_LOOK));
            // An ENI that is Attaching can be neither detached nor deleted. It keeps its tag: a repeat finds it.
            case Seen _, Absent _, CallFailed _ -> Transition.end(new Failed(notAttached(state)));
            case Created _, Accepted _ -> throw EniLifecycle.unexpected(state, event);
        };
    }

    static Transition attach(EniId eni, Seat seat, Leftover leftover, int attaches, Instant deadline) {
        return Transition.to(new Available(eni, seat, leftover, attaches, deadline), new EniCommand.Attach(eni, seat));
    }

    private static Transition lookAgain(Attaching state) {
        int looks = state.looks() + 1;
        return Transition.look(
                new Attaching(state.eni(), state.seat(), state.leftover(), state.attaches(), looks, state.deadline()),
                state.eni(),
                looks);
    }

    private static Attaching attaching(Available state) {
        return new Attaching(state.eni(), state.seat(), state.leftover(), state.attaches(), 0, state.deadline());
    }

    static CloudFailure lost(EniId eni) {
        return new Transient("EniLost", eni + " went away while it was being attached; ask again");
    }

    private static CloudFailure notAttached(Attaching state) {
        return new Transient(
                "AttachTimeout",
                state.eni() + " did not become InUse on " + state.seat().instance() + " after " + state.attaches()
                        + " attach calls; the cloud may be slow, repeat the operation");
    }

    private static CloudFailure elsewhere(Attaching state, NetworkInterface eni) {
        return new WrongState(
                "AttachedElsewhere",
                state.eni() + " is in use on " + eni.attachment().instance().orElseThrow() + ", not on "
                        + state.seat().instance() + "; detach it there first");
    }
}
