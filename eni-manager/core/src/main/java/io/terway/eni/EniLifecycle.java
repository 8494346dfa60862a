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
import io.terway.eni.EniState.Creating;
import io.terway.eni.EniState.Deleting;
import io.terway.eni.EniState.Detaching;
import io.terway.eni.EniState.Ending;
import io.terway.eni.EniState.Failed;
import io.terway.eni.EniState.Gone;
import io.terway.eni.EniState.InUse;
import io.terway.eni.EniState.Leftover;
import io.terway.eni.EniState.Parked;
import io.terway.eni.EniState.Searching;
import io.terway.net.InstanceId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The life cycle of one ENI, as a pure function from state and event to the next state and its command. It never
 * repeats a call whose outcome is unknown before it has looked, and leaves no ENI behind that it could not attach.
 */
public final class EniLifecycle {

    /** Looks for an ENI by its operation tag before it counts as absent; spaced by {@link #LAG}. */
    public static final int SEARCH_LOOKS = 2;

    /** Creates of one order, the first included, that may follow a search without result. */
    public static final int MAX_CREATES = 3;

    /** Attach calls for one ENI: the cloud allows a stuck one to be issued again. */
    public static final int MAX_ATTACHES = 3;

    /** How long a describe may lag behind a mutation. */
    public static final Duration LAG = Duration.ofSeconds(1);

    private EniLifecycle() {}

    /**
     * Starts an order.
     *
     * @param suspicious true when this operation may have been started before, by this process or another: look first
     */
    public static Transition order(EniOrder order, boolean suspicious, Instant deadline) {
        return suspicious
                ? search(order, order.vSwitches(), 0, restart(order), deadline)
                : create(order, order.vSwitches(), 1, deadline);
    }

    /** Starts taking down an ENI that was just seen. */
    public static Transition remove(NetworkInterface eni, Instant deadline) {
        return EniRemoval.proceed(eni, new Ending.Wanted(), 0, deadline);
    }

    /** Starts detaching an ENI that was just seen. One that hangs elsewhere already is left where it is. */
    public static Transition detach(NetworkInterface eni, InstanceId from, Instant deadline) {
        boolean elsewhere =
                eni.attachment().instance().filter(on -> !on.equals(from)).isPresent();
        return elsewhere ? Transition.end(new Parked(eni)) : EniRemoval.proceed(eni, new Ending.Kept(), 0, deadline);
    }

    /** Starts attaching an ENI that was just seen and is kept whatever happens. */
    public static Transition attach(NetworkInterface eni, Seat seat, Instant deadline) {
        return EniAttaching.start(eni, seat, deadline);
    }

    /** The next step. A terminal state takes no event. */
    public static Transition on(EniState state, EniEvent event, Instant now) {
        return switch (state) {
            case Creating creating -> onCreating(creating, event);
            case Searching searching -> onSearching(searching, event, now);
            case Available available -> EniAttaching.onAvailable(available, event);
            case Attaching attaching -> EniAttaching.onAttaching(attaching, event, now);
            case Detaching detaching -> EniRemoval.onDetaching(detaching, event, now);
            case Deleting deleting -> EniRemoval.onDeleting(deleting, event, now);
            case InUse _, Parked _, Gone _, Failed _ -> throw unexpected(state, event);
        };
    }

    private static Transition onCreating(Creating state, EniEvent event) {
        return switch (event) {
            case Created(NetworkInterface eni) ->
                EniAttaching.attach(eni.id(), state.order().seat(), Leftover.DELETED, 1, state.deadline());
            case CallFailed(CloudFailure failure) ->
                switch (failure) {
                    case VSwitchExhausted exhausted -> nextVSwitch(state, exhausted);
                    case OutcomeUnknown _, TokenBurnt _, Transient _, Busy _ ->
                        search(state.order(), state.untried(), state.round(), failure, state.deadline());
                    case Throttled _,
                            QuotaReached _,
                            WrongState _,
                            NotFound _,
                            AlreadyThere _,
                            AlreadyGone _,
                            NotOurs _,
                            Forbidden _,
                            Invalid _,
                            DryRunPassed _,
                            Unrecognised _ -> Transition.end(new Failed(failure));
                };
            case Accepted _, Seen _, Absent _ -> throw unexpected(state, event);
        };
    }

    private static Transition nextVSwitch(Creating state, VSwitchExhausted exhausted) {
        List<VSwitchId> left = state.untried().subList(1, state.untried().size());
        return left.isEmpty()
                ? Transition.end(new Failed(exhausted))
                : create(state.order(), left, state.round(), state.deadline());
    }

    private static Transition onSearching(Searching state, EniEvent event, Instant now) {
        return switch (event) {
            case Seen(NetworkInterface eni) -> resume(state, eni);
            case Absent _ when state.looks() + 1 < SEARCH_LOOKS -> searchAgain(state);
            case Absent _
            when state.round() >= MAX_CREATES || now.isAfter(state.deadline()) ->
                Transition.end(new Failed(state.cause()));
            case Absent _ -> create(state.order(), state.untried(), state.round() + 1, state.deadline());
            case CallFailed(CloudFailure failure)
            when now.isAfter(state.deadline()) -> Transition.end(new Failed(failure));
            case CallFailed _ -> find(state);
            case Created _, Accepted _ -> throw unexpected(state, event);
        };
    }

    private static Transition resume(Searching state, NetworkInterface eni) {
        Seat seat = state.order().seat();
        Attaching attaching = new Attaching(eni.id(), seat, Leftover.DELETED, 1, 0, state.deadline());
        return switch (eni.status()) {
            case IN_USE -> EniAttaching.settled(attaching, eni);
            case AVAILABLE -> EniAttaching.attach(eni.id(), seat, Leftover.DELETED, 1, state.deadline());
            case CREATING, ATTACHING, DETACHING -> Transition.look(attaching, eni.id(), 0);
            case DELETING, FAILED ->
                Transition.look(
                        new Deleting(eni.id(), new Ending.Cleanup(state.cause()), 0, state.deadline()), eni.id(), 0);
        };
    }

    private static Transition create(EniOrder order, List<VSwitchId> untried, int round, Instant deadline) {
        return Transition.to(
                new Creating(order, untried, round, deadline), new EniCommand.Create(order, untried.getFirst(), round));
    }

    private static Transition search(
            EniOrder order, List<VSwitchId> untried, int round, CloudFailure cause, Instant deadline) {
        return find(new Searching(order, untried, round, 0, cause, deadline));
    }

    private static Transition searchAgain(Searching state) {
        return find(new Searching(
                state.order(), state.untried(), state.round(), state.looks() + 1, state.cause(), state.deadline()));
    }

    /** The first look of an order that may be a repeat need not wait: what it looks for is older than the lag. */
    private static Transition find(Searching state) {
        Duration after = state.round() == 0 && state.looks() == 0 ? Duration.ZERO : LAG;
        return Transition.to(state, new EniCommand.Find(state.order().operation(), after));
    }

    private static CloudFailure restart(EniOrder order) {
        return new Transient("Restarted", "operation " + order.operation() + " was begun before; repeat it");
    }

    static IllegalStateException unexpected(EniState state, EniEvent event) {
        return new IllegalStateException("an ENI in " + state + " has no use for " + event);
    }
}
