package io.terway.ipam;

import io.terway.net.Ip;
import java.time.Instant;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Free addresses of one family on one ENI, the longest free first. Time moves on, so what comes is last as a rule. Linked
 * through the slots themselves: with thousands of nodes each table in between is memory that nobody has at hand.
 */
final class IdleSlots implements Iterable<Slot> {

    private Slot oldest;
    private Slot newest;
    private int size;
    /** None was ever free later than this. */
    private Instant latest = Instant.MIN;

    void add(Slot slot) {
        Instant since = since(slot);
        Slot before = newest;
        if (since.isBefore(latest)) {
            while (before != null && since(before).isAfter(since)) {
                before = before.freedBefore;
            }
        } else {
            latest = since;
        }
        Slot after = before == null ? oldest : before.freedAfter;
        slot.freedBefore = before;
        slot.freedAfter = after;
        join(before, slot);
        join(slot, after);
        size++;
    }

    /** Takes one out that is in. */
    void remove(Slot slot) {
        join(slot.freedBefore, slot.freedAfter);
        slot.freedBefore = null;
        slot.freedAfter = null;
        size--;
    }

    private void join(Slot before, Slot after) {
        if (before == null) {
            oldest = after;
        } else {
            before.freedAfter = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.freedBefore = before;
        }
    }

    Slot first() {
        if (oldest == null) {
            throw new NoSuchElementException("no address is free");
        }
        return oldest;
    }

    /** The one that was freed last and is none of these, or null. */
    Slot last(Set<Ip> refused) {
        Slot slot = newest;
        while (slot != null && (slot.absent || refused.contains(slot.ip))) {
            slot = slot.freedBefore;
        }
        return slot;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    Stream<Slot> stream() {
        return StreamSupport.stream(spliterator(), false);
    }

    @Override
    public Iterator<Slot> iterator() {
        return new Iterator<>() {

            private Slot next = oldest;

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Slot next() {
                if (next == null) {
                    throw new NoSuchElementException("no further address is free");
                }
                Slot slot = next;
                next = slot.freedAfter;
                return slot;
            }
        };
    }

    static Instant since(Slot slot) {
        return ((AddressState.Idle) slot.state).since();
    }
}
