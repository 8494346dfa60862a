package io.terway.eni.operation;

import io.terway.eni.OperationId;
import io.terway.eni.OperationJournal;
import io.terway.eni.OperationJournal.Known;
import io.terway.eni.time.Time;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/**
 * Runs each operation id once. A repeat joins the running one, or gets its outcome; an operation that ended without a
 * final outcome is run again. A running operation does not end with its caller's deadline.
 */
public final class Operations<T> {

    /** Operations remembered, running and finished together. */
    public static final int LIMIT = 10_000;

    /** The work of an operation. */
    @FunctionalInterface
    public interface Work<T> {
        /** @param again true when this process has begun this id before */
        T run(boolean again);
    }

    /** All remembered operations are running. */
    public static final class TooMany extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooMany() {
            super(LIMIT + " operations are running; ask again later", null, false, false);
        }
    }

    private final Predicate<T> lasting;
    private final Time time;

    // guarded by this
    private final OperationJournal<CompletableFuture<T>, T> journal = new OperationJournal<>(LIMIT);
    // guarded by this
    private final Map<OperationId, Boolean> begun = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<OperationId, Boolean> eldest) {
            return size() > 2 * LIMIT;
        }
    };

    /** @param lasting tells outcomes that a repeat shall get from those after which it shall try again */
    public Operations(Time time, Predicate<T> lasting) {
        this.time = time;
        this.lasting = lasting;
    }

    /**
     * Blocks until the operation has ended. The work runs on its own virtual thread.
     *
     * @throws TooMany when {@link #LIMIT} operations are running
     */
    public T run(OperationId id, Work<T> work) {
        CompletableFuture<T> mine = new CompletableFuture<>();
        Known<CompletableFuture<T>, T> known;
        boolean again;
        synchronized (this) {
            known = journal.begin(id, mine);
            again = begun.put(id, true) != null;
        }
        return switch (known) {
            case Known.Fresh<CompletableFuture<T>, T> _ -> {
                time.start("operation", () -> perform(id, work, again, mine));
                yield await(mine);
            }
            case Known.Running<CompletableFuture<T>, T>(CompletableFuture<T> running) -> await(running);
            case Known.Finished<CompletableFuture<T>, T>(T outcome) -> outcome;
            case Known.Full<CompletableFuture<T>, T> _ -> throw new TooMany();
        };
    }

    /** True while an operation of this id is under way. */
    public synchronized boolean isRunning(OperationId id) {
        return journal.isRunning(id);
    }

    public synchronized int running() {
        return journal.running();
    }

    private void perform(OperationId id, Work<T> work, boolean again, CompletableFuture<T> mine) {
        try {
            T outcome = work.run(again);
            settle(id, outcome);
            mine.complete(outcome);
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                journal.forget(id);
            }
            mine.completeExceptionally(e);
        }
    }

    private synchronized void settle(OperationId id, T outcome) {
        if (lasting.test(outcome)) {
            journal.finish(id, outcome);
        } else {
            journal.forget(id);
        }
    }

    private T await(CompletableFuture<T> running) {
        try {
            return time.join(running);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
