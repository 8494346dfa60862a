package io.terway.eni.state;

import io.terway.eni.Added;
import io.terway.eni.OperationId;
import io.terway.eni.state.StateStore.Saved;
import io.terway.eni.time.Time;
import io.terway.eni.time.Turns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Assign calls and the fence of terms, shared by the replicas through a {@link StateStore}. A call is saved before it is
 * sent: whoever leads after a crash sends an open one again exactly as it was, with its client token, so that the cloud
 * gives the answer that was lost. Calls that wait to be saved at the same time are saved together. Answers ride on the next
 * save: one that is lost makes an open call of an answered one, which only costs a repeat. Any thread.
 */
public final class Journal {

    private static final String SAVING = "saving";

    private final StateStore store;
    private final LongSupplier leaderTerm;
    private final Turns<String> turns;

    // all guarded by this
    private final AssignCalls calls = new AssignCalls();
    private Saved saved = new Saved("", "");
    private long loadedTerm = -1;
    private long changes;
    private long savedChanges;
    private Map<String, Long> savedIpamTerms = Map.of();

    /** @param leaderTerm the term we lead; with each new one the state is read anew, as another replica may have saved */
    public Journal(StateStore store, LongSupplier leaderTerm, Time time) {
        this.store = store;
        this.leaderTerm = leaderTerm;
        turns = new Turns<>(time);
    }

    /** The calls that served this operation, oldest first. */
    public List<AssignBatch> of(OperationId operation) {
        loaded();
        synchronized (this) {
            return calls.of(operation);
        }
    }

    public Optional<AssignBatch> find(String token) {
        loaded();
        synchronized (this) {
            return calls.find(token);
        }
    }

    /**
     * Saves a call before it is sent.
     *
     * @throws UncheckedIOException when it cannot be saved; it must not be sent then
     */
    public AssignBatch begin(String token, Lane lane, List<AssignBatch.Share> shares) {
        loaded();
        AssignBatch open = new AssignBatch(token, lane, shares, Optional.empty());
        long mine;
        synchronized (this) {
            if (calls.open() >= AssignCalls.MAX_OPEN) {
                throw new UncheckedIOException(
                        new IOException(AssignCalls.MAX_OPEN + " assign calls are open already; ask again later"));
            }
            calls.put(open);
            mine = ++changes;
        }
        try {
            save(mine);
        } catch (RuntimeException unsaved) {
            // It is not sent, so it must not hold one of the places for open calls. Should the save have come through
            // after
            // all, the next one takes it out again.
            failed(token);
            throw unsaved;
        }
        return open;
    }

    /** The call added these. */
    public synchronized AssignBatch done(String token, Added added) {
        AssignBatch done = calls.find(token)
                .orElseThrow(() -> new IllegalStateException("call " + token + " was never begun"))
                .answered(added);
        calls.put(done);
        changes++;
        return done;
    }

    /** The call added nothing, for certain. */
    public synchronized void failed(String token) {
        calls.remove(token);
        changes++;
    }

    /**
     * Lets a request of ipam-service pass, after its term was saved when it is a new one. 0 passes always: tools have none.
     *
     * @param shard whose term it is; "" where ipam-service is not divided
     * @throws TermOver when a higher one was seen
     * @throws UncheckedIOException when a new term cannot be saved
     */
    public void fence(String shard, long term) {
        if (term == 0) {
            return;
        }
        loaded();
        long mine;
        synchronized (this) {
            long seen = calls.ipamTerm(shard);
            if (term < seen) {
                throw new TermOver(shard, term, seen);
            }
            if (term == savedIpamTerms.getOrDefault(shard, 0L)) {
                return;
            }
            // Also when another request has raised it already: none passes before it is saved.
            if (term > seen) {
                calls.ipamTerm(shard, term);
                changes++;
            }
            mine = changes;
        }
        save(mine);
    }

    private void loaded() {
        long term = leaderTerm.getAsLong();
        synchronized (this) {
            if (loadedTerm == term) {
                return;
            }
        }
        turns.with(SAVING, () -> {
            synchronized (this) {
                if (loadedTerm == term) {
                    return term;
                }
            }
            Saved found = store.load();
            synchronized (this) {
                calls.read(found.text());
                saved = found;
                savedIpamTerms = calls.ipamTerms();
                loadedTerm = term;
            }
            return term;
        });
    }

    /** Saves everything up to this change, unless a save for somebody else has covered it meanwhile. */
    private void save(long change) {
        turns.with(SAVING, () -> {
            long covers;
            Map<String, Long> coversTerms;
            Saved next;
            synchronized (this) {
                if (savedChanges >= change) {
                    return change;
                }
                covers = changes;
                coversTerms = calls.ipamTerms();
                next = new Saved(calls.text(), saved.version());
            }
            Saved now = saved(next);
            synchronized (this) {
                saved = now;
                savedChanges = covers;
                savedIpamTerms = coversTerms;
            }
            return change;
        });
    }

    private Saved saved(Saved next) {
        try {
            return store.save(next);
        } catch (StateStore.Conflict somebody) {
            return afterConflict(next);
        }
    }

    /**
     * Either our own save before this one was done and its answer lost, or another replica leads and we do not know it yet.
     * The object tells: what we do not know was written by another.
     */
    private Saved afterConflict(Saved next) {
        Saved found = store.load();
        AssignCalls theirs = new AssignCalls();
        theirs.read(found.text());
        synchronized (this) {
            if (theirs.outranks(calls) || !theirs.knownTo(calls)) {
                loadedTerm = -1;
                throw new UncheckedIOException(new IOException(
                        "another replica has saved the state of assign calls; look for the new leader"));
            }
        }
        try {
            return store.save(new Saved(next.text(), found.version()));
        } catch (StateStore.Conflict again) {
            throw new UncheckedIOException(
                    new IOException("the state of assign calls is being saved by another replica"));
        }
    }
}
