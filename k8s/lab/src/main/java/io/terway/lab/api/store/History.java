package io.terway.lab.api.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The latest changes, in order, and those who follow them. A watcher that asks for older changes must list again. Not thread
 * safe: owned by the server's thread.
 */
public final class History {

    private final int capacity;
    private final ArrayDeque<Change> ring = new ArrayDeque<>();
    private final Set<Consumer<Change>> followers = new HashSet<>();
    private long oldest;

    /**
     * @param capacity changes kept
     * @param start the version before the first change
     */
    History(int capacity, long start) {
        this.capacity = capacity;
        this.oldest = start;
    }

    void record(Change change) {
        ring.addLast(change);
        if (ring.size() > capacity) {
            oldest = ring.removeFirst().version();
        }
        // A copy: a follower may leave while it is told.
        List.copyOf(followers).forEach(follower -> follower.accept(change));
    }

    /** True when every change after {@code version} is still here. */
    public boolean reaches(long version) {
        return version >= oldest;
    }

    /** The changes after {@code version}; ask {@link #reaches} first. */
    public List<Change> after(long version) {
        List<Change> out = new ArrayList<>();
        for (var it = ring.descendingIterator(); it.hasNext(); ) {
            Change change = it.next();
            if (change.version() <= version) {
                break;
            }
            out.add(change);
        }
        return out.reversed();
    }

    /** Calls {@code follower} for each change from now on. */
    public void follow(Consumer<Change> follower) {
        followers.add(follower);
    }

    public void leave(Consumer<Change> follower) {
        followers.remove(follower);
    }

    public int followers() {
        return followers.size();
    }
}
