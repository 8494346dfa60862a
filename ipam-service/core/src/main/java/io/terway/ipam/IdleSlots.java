package io.terway.ipam;

import io.terway.net.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Free addresses of one family on one ENI, the longest free first. Time moves on, so what comes is last as a rule. */
final class IdleSlots implements Iterable<Slot> {

    private static final Comparator<Slot> OLDEST_FIRST =
            Comparator.comparing(IdleSlots::since).thenComparing(slot -> slot.ip);

    private final LinkedHashSet<Slot> slots = new LinkedHashSet<>();
    private Instant newest = Instant.MIN;

    void add(Slot slot) {
        Instant since = since(slot);
        boolean last = !since.isBefore(newest);
        slots.add(slot);
        if (last) {
            newest = since;
        } else {
            List<Slot> sorted = new ArrayList<>(slots);
            sorted.sort(OLDEST_FIRST);
            slots.clear();
            slots.addAll(sorted);
        }
    }

    void remove(Slot slot) {
        slots.remove(slot);
    }

    Slot first() {
        return slots.getFirst();
    }

    /** The one that was freed last and is none of these, or null. */
    Slot last(Set<Ip> refused) {
        if (slots.isEmpty()) {
            return null;
        }
        Slot last = slots.getLast();
        if (!last.absent && !refused.contains(last.ip)) {
            return last;
        }
        for (Slot slot : slots.reversed()) {
            if (!slot.absent && !refused.contains(slot.ip)) {
                return slot;
            }
        }
        return null;
    }

    int size() {
        return slots.size();
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    Stream<Slot> stream() {
        return slots.stream();
    }

    @Override
    public Iterator<Slot> iterator() {
        return slots.iterator();
    }

    static Instant since(Slot slot) {
        return ((AddressState.Idle) slot.state).since();
    }
}
